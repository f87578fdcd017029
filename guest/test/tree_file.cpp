// SPDX-License-Identifier: MIT
// Loads and changes trees with libfdt's writing half, which the guest does not have.
#include "tree_file.hpp"

#include <libfdt.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <stdexcept>

namespace enlighten::guest::test {
namespace {

constexpr std::size_t room_for_changes = 4096;

void check(int result, const std::string& what) {
  if (result < 0) {
    throw std::runtime_error{what + ": " + fdt_strerror(result)};
  }
}

}  // namespace

Exact_copy::Exact_copy(std::span<const std::byte> bytes)
    : storage_{std::make_unique<std::byte[]>(bytes.size())}, size_{bytes.size()} {
  std::ranges::copy(bytes, storage_.get());
}

Guarded_copy::Guarded_copy(std::span<const std::byte> bytes) : size_{bytes.size()} {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t readable = (size_ + page - 1) / page * page;
  mapped_ = readable + page;
  void* mapping = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) {
    throw std::bad_alloc{};
  }
  mapping_ = static_cast<std::byte*>(mapping);
  if (mprotect(mapping_ + readable, page, PROT_NONE) != 0) {
    throw std::runtime_error{"mprotect"};
  }
  constexpr std::size_t alignment = 8;
  data_ = mapping_ + readable - (size_ + alignment - 1) / alignment * alignment;
  std::ranges::copy(bytes, data_);
}

Guarded_copy::~Guarded_copy() {
  munmap(mapping_, mapped_);
}

Tree_file::Tree_file(const std::string& name) {
  const std::string path = std::string{ENLIGHTEN_TEST_TREES} + "/" + name + ".dtb";
  std::ifstream file{path, std::ios::binary};
  const std::vector<char> content{std::istreambuf_iterator<char>{file}, {}};
  if (content.empty()) {
    throw std::runtime_error{"cannot read " + path};
  }
  blob_.resize(content.size() + room_for_changes);
  check(fdt_open_into(content.data(), blob_.data(), static_cast<int>(blob_.size())), path);
}

int Tree_file::offset(const char* node) {
  const int found = fdt_path_offset(blob_.data(), node);
  check(found, node);
  return found;
}

Tree_file& Tree_file::bytes(const char* node, const char* property, std::string_view value) {
  check(fdt_setprop(blob_.data(), offset(node), property, value.data(), static_cast<int>(value.size())), property);
  return *this;
}

Tree_file& Tree_file::cells(const char* node, const char* property, std::initializer_list<std::uint32_t> values) {
  std::string encoded;
  for (const std::uint32_t value : values) {
    for (unsigned shift = 32; shift != 0; shift -= 8) {
      encoded.push_back(static_cast<char>(value >> (shift - 8) & 0xffU));
    }
  }
  return bytes(node, property, encoded);
}

Tree_file& Tree_file::text(const char* node, const char* property, const char* value) {
  return bytes(node, property, {value, std::strlen(value) + 1});
}

Tree_file& Tree_file::remove(const char* node, const char* property) {
  check(fdt_delprop(blob_.data(), offset(node), property), property);
  return *this;
}

Tree_file& Tree_file::add(const char* parent, const char* name) {
  check(fdt_add_subnode(blob_.data(), offset(parent), name), name);
  return *this;
}

Tree_file& Tree_file::remove_node(const char* node) {
  check(fdt_del_node(blob_.data(), offset(node)), node);
  return *this;
}

Tree_file& Tree_file::reserve(std::uint64_t base, std::uint64_t size) {
  check(fdt_add_mem_rsv(blob_.data(), base, size), "reservation");
  return *this;
}

std::vector<std::byte> Tree_file::packed() {
  std::vector<std::byte> result = blob_;
  check(fdt_pack(result.data()), "pack");
  result.resize(fdt_totalsize(result.data()));
  return result;
}

Device_tree Tree_file::tree() {
  copy_ = std::make_unique<Exact_copy>(packed());
  return copy_->open().value();
}

std::span<const char* const> tree_names() {
  static constexpr std::array names{"qemu-gicv2-hvc", "qemu-gicv2-smc",   "qemu-gicv3-130",
                                    "qemu-gicv3-hvc", "qemu-gicv3-smc",   "xen-gicv2",
                                    "xen-gicv3-28",   "xen-vuart-initrd", "xen-no-hypervisor"};
  return names;
}

}  // namespace enlighten::guest::test
