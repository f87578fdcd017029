// SPDX-License-Identifier: MIT
// A flattened device tree being edited: libfdt with every return value looked at.
#include <runner/device_tree.hpp>

#include <bit>
#include <cstddef>
#include <fstream>

#include <libfdt.h>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

constexpr std::size_t room_to_edit = 16384;

int checked(int result, std::string_view doing, std::string_view node, const char* property = "") {
  if (result < 0) {
    throw Failure{"device tree: {} {}{}{} failed: {}",    doing,    node,
                  *property == '\0' ? "" : ", property ", property, fdt_strerror(result)};
  }
  return result;
}

std::string big_endian(std::uint32_t cell) {
  std::string bytes;
  for (unsigned shift = 32; shift != 0;) {
    shift -= 8;
    bytes += static_cast<char>(cell >> shift & 0xffU);
  }
  return bytes;
}

}  // namespace

Device_tree::Device_tree(std::vector<std::byte> blob) : blob_{std::move(blob)} {
  if (blob_.size() < sizeof(fdt_header)) {
    throw Failure{"device tree: {} bytes are too few for a header", blob_.size()};
  }
  checked(fdt_check_full(blob_.data(), blob_.size()), "checking", "/");
  const std::size_t size = fdt_totalsize(blob_.data()) + room_to_edit;
  std::vector<std::byte> larger(size);
  checked(fdt_open_into(blob_.data(), larger.data(), static_cast<int>(size)), "copying", "/");
  blob_ = std::move(larger);
}

Device_tree Device_tree::read(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary | std::ios::ate};
  if (!file) {
    throw Failure{"device tree {} cannot be read", path.string()};
  }
  std::vector<std::byte> blob(static_cast<std::size_t>(file.tellg()));
  file.seekg(0);
  // A byte may be looked at as a char.
  file.read(reinterpret_cast<char*>(blob.data()), static_cast<std::streamsize>(blob.size()));
  return Device_tree{std::move(blob)};
}

int Device_tree::find(std::string_view path) const {
  return fdt_path_offset_namelen(blob_.data(), path.data(), static_cast<int>(path.size()));
}

bool Device_tree::has_node(std::string_view path) const {
  return find(path) >= 0;
}

void Device_tree::add_node(std::string_view path) {
  if (has_node(path)) {
    return;
  }
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string_view::npos) {
    throw Failure{"device tree: {} is no path of a node", path};
  }
  const std::string_view parent = slash == 0 ? "/" : path.substr(0, slash);
  add_node(parent);
  const std::string_view name = path.substr(slash + 1);
  checked(fdt_add_subnode_namelen(blob_.data(), find(parent), name.data(), static_cast<int>(name.size())), "adding",
          path);
}

void Device_tree::set_bytes(std::string_view node, const char* property, std::string_view value) {
  const int offset = checked(find(node), "finding", node);
  checked(fdt_setprop(blob_.data(), offset, property, value.data(), static_cast<int>(value.size())), "setting",
          node, property);
}

void Device_tree::set_text(std::string_view node, const char* property, std::string_view text) {
  set_texts(node, property, {text});
}

void Device_tree::set_texts(std::string_view node, const char* property,
                            std::initializer_list<std::string_view> texts) {
  std::string value;
  for (const std::string_view text : texts) {
    value += text;
    value += '\0';
  }
  set_bytes(node, property, value);
}

void Device_tree::set_cells(std::string_view node, const char* property,
                            std::initializer_list<std::uint32_t> cells) {
  std::string value;
  for (const std::uint32_t cell : cells) {
    value += big_endian(cell);
  }
  set_bytes(node, property, value);
}

void Device_tree::set_flag(std::string_view node, const char* property) {
  set_bytes(node, property, {});
}

std::uint32_t Device_tree::give_handle(std::string_view node) {
  std::uint32_t handle = 0;
  checked(fdt_generate_phandle(blob_.data(), &handle), "finding a handle for", node);
  set_cells(node, "phandle", {handle});
  return handle;
}

std::optional<std::span<const std::byte>> Device_tree::bytes(std::string_view node, const char* property) const {
  const int offset = find(node);
  if (offset < 0) {
    return std::nullopt;
  }
  int length = 0;
  const void* const value = fdt_getprop(blob_.data(), offset, property, &length);
  if (value == nullptr) {
    return std::nullopt;
  }
  return std::span{static_cast<const std::byte*>(value), static_cast<std::size_t>(length)};
}

std::optional<std::string> Device_tree::text(std::string_view node, const char* property) const {
  const auto value = bytes(node, property);
  if (!value || value->empty() || value->back() != std::byte{0}) {
    return std::nullopt;
  }
  return std::string{reinterpret_cast<const char*>(value->data())};
}

std::optional<std::vector<std::uint32_t>> Device_tree::cells(std::string_view node, const char* property) const {
  const auto value = bytes(node, property);
  if (!value || value->size() % 4 != 0) {
    return std::nullopt;
  }
  std::vector<std::uint32_t> cells;
  for (std::size_t index = 0; index < value->size(); index += 4) {
    std::uint32_t cell = 0;
    for (const std::byte byte : value->subspan(index, 4)) {
      cell = cell << 8U | std::to_integer<std::uint32_t>(byte);
    }
    cells.push_back(cell);
  }
  return cells;
}

std::vector<std::string> Device_tree::children(std::string_view node) const {
  std::vector<std::string> names;
  for (int child = fdt_first_subnode(blob_.data(), checked(find(node), "finding", node)); child >= 0;
       child = fdt_next_subnode(blob_.data(), child)) {
    int length = 0;
    const char* const name = fdt_get_name(blob_.data(), child, &length);
    checked(length, "naming a child of", node);
    names.emplace_back(name, static_cast<std::size_t>(length));
  }
  return names;
}

void Device_tree::write(const std::filesystem::path& path) {
  checked(fdt_pack(blob_.data()), "packing", "/");
  std::ofstream file{path, std::ios::binary};
  file.write(reinterpret_cast<const char*>(blob_.data()),
             static_cast<std::streamsize>(fdt_totalsize(blob_.data())));
  if (!file.flush()) {
    throw Failure{"{} cannot be written; is there room on that disk?", path.string()};
  }
}

}  // namespace enlighten::runner
