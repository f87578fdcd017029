// SPDX-License-Identifier: MIT
// Reader and Node: properties become values, and a wrong one an error that names node and property ([dt] 2.2, 2.3).
#include "device_tree_node.hpp"

#include <libfdt.h>

#include <array>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace enlighten::guest {
namespace {

constexpr std::size_t cell_size = 4;

// Properties begin at a multiple of four bytes only.
std::uint64_t read_cells(const std::byte* at, std::uint32_t count) noexcept {
  std::uint64_t value = 0;
  for (const std::byte* end = at + count * cell_size; at != end; ++at) {
    value = value << 8U | std::to_integer<std::uint64_t>(*at);
  }
  return value;
}

// Names and values are somebody else's bytes on the way to a terminal.
void hide_unprintable(char* text) noexcept {
  for (; *text != '\0'; ++text) {
    if (*text < ' ' || *text > '~') {
      *text = '?';
    }
  }
}

std::uint32_t read_cell(const std::byte* at) noexcept {
  return static_cast<std::uint32_t>(read_cells(at, 1));
}

}  // namespace

void Reader::wrong(int offset, const char* property, const char* format, ...) noexcept {
  if (error_) {
    return;
  }
  std::array<char, 80> path{};
  std::array<char, 120> what{};
  if (property != nullptr && fdt_get_path(blob_, offset, path.data(), path.size()) != 0) {
    std::snprintf(path.data(), path.size(), "...%s", fdt_get_name(blob_, offset, nullptr));
  }
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(what.data(), what.size(), format, arguments);
  va_end(arguments);
  hide_unprintable(path.data());
  hide_unprintable(what.data());
  const bool whole = property == nullptr;
  error_.emplace(Error::make(Error_kind::description, "device tree: %s%s%s%s%s", path.data(),
                             whole ? "" : ": property \"", whole ? "" : property, whole ? "" : "\" ", what.data()));
}

Match find(Reader& reader, const char* names) noexcept {
  for (int offset = 0; offset >= 0; offset = fdt_next_node(reader.blob(), offset, nullptr)) {
    const Node node{reader, offset};
    const int which = node.which(names);
    if (which < 0) {
      continue;
    }
    int around = offset;
    while (around >= 0 && Node{reader, around}.in_use()) {
      around = fdt_parent_offset(reader.blob(), around);
    }
    if (around < 0) {
      return {node, which};
    }
  }
  return {{reader, -FDT_ERR_NOTFOUND}, -1};
}

Node find_path(Reader& reader, std::string_view path) noexcept {
  const Node node{reader, fdt_path_offset_namelen(reader.blob(), path.data(), static_cast<int>(path.size()))};
  return node.in_use() ? node : Node{reader, -FDT_ERR_NOTFOUND};
}

bool Node::in_use() const noexcept {
  const std::string_view status = string("status");
  return exists() && (status.empty() || status == "okay" || status == "ok");
}

int Node::which(const char* names) const noexcept {
  const std::span own = bytes("compatible");
  for (int index = 0; own.data() != nullptr && *names != '\0'; ++index, names += std::strlen(names) + 1) {
    if (fdt_stringlist_contains(reinterpret_cast<const char*>(own.data()), static_cast<int>(own.size()), names) !=
        0) {
      return index;
    }
  }
  return -1;
}

Node Node::parent() const noexcept {
  return {*reader_, fdt_parent_offset(reader_->blob(), offset_)};
}
Node Node::first_child() const noexcept {
  return {*reader_, exists() ? fdt_first_subnode(reader_->blob(), offset_) : offset_};
}
Node Node::sibling() const noexcept {
  return {*reader_, fdt_next_subnode(reader_->blob(), offset_)};
}

std::span<const std::byte> Node::bytes(const char* property) const noexcept {
  int size = 0;
  const void* data = fdt_getprop(reader_->blob(), offset_, property, &size);
  if (data == nullptr) {
    return {};
  }
  return {static_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
}

std::string_view Node::string(const char* property) const noexcept {
  const std::span value = bytes(property);
  if (value.data() == nullptr) {
    return {};
  }
  const char* text = reinterpret_cast<const char*>(value.data());
  const std::size_t length = strnlen(text, value.size());
  if (length == value.size()) {
    reader_->wrong(offset_, property, "has %zu bytes, expected a 0 at the end", length);
  }
  return {text, length};
}

std::uint32_t Node::cell(const char* property, std::uint32_t otherwise) const noexcept {
  const std::span value = bytes(property);
  if (value.data() == nullptr) {
    return otherwise;
  }
  if (value.size() != cell_size) {
    reader_->wrong(offset_, property, "has %zu bytes, expected 4", value.size());
    return otherwise;
  }
  return read_cell(value.data());
}

std::uint64_t Node::number(const char* property) const noexcept {
  const std::span value = bytes(property);
  if (value.size() != cell_size && value.size() != 2 * cell_size && value.data() != nullptr) {
    reader_->wrong(offset_, property, "has %zu bytes, expected 4 or 8", value.size());
    return 0;
  }
  return read_cells(value.data(), static_cast<std::uint32_t>(value.size() / cell_size));
}

Node::Cells Node::cells() const noexcept {
  const Cells cells{cell("#address-cells", 2), cell("#size-cells", 1)};
  if (cells.address - 1 > 1) {
    reader_->wrong(offset_, "#address-cells", "is %" PRIu32 ", expected 1 or 2", cells.address);
    return {1, 0};
  }
  if (cells.size > 2) {
    reader_->wrong(offset_, "#size-cells", "is %" PRIu32 ", expected 0 to 2", cells.size);
    return {1, 0};
  }
  return cells;
}

Mpidr Node::affinity(Node cpus) const noexcept {
  const std::span value = bytes("reg");
  const std::uint32_t cells = cpus.cells().address;
  if (value.size() != cells * cell_size) {
    reader_->wrong(offset_, "reg", "has %zu bytes, expected %zu", value.size(), cells * cell_size);
    return Mpidr{0};
  }
  const std::uint64_t affinity = read_cells(value.data(), cells);
  if (mpidr_from_register(affinity).value() != affinity) {
    reader_->wrong(offset_, "reg", "is 0x%" PRIx64 ", expected affinity bits of an MPIDR only", affinity);
  }
  return Mpidr{affinity};
}

std::optional<Memory_range> Node::range(std::uint32_t index) const noexcept {
  const std::span value = bytes("reg");
  Node bus = parent();
  const Cells cells = bus.cells();
  const std::size_t entry = (cells.address + cells.size) * cell_size;
  if (value.size() % entry != 0) {
    reader_->wrong(offset_, "reg", "has %zu bytes, expected a multiple of %zu", value.size(), entry);
    return std::nullopt;
  }
  if (index >= value.size() / entry) {
    return std::nullopt;
  }
  const std::byte* at = value.data() + index * entry;
  Memory_range range{read_cells(at, cells.address), read_cells(at + cells.address * cell_size, cells.size)};
  if (wraps(range)) {
    reader_->wrong(offset_, "reg", "has 0x%" PRIx64 " bytes at 0x%" PRIx64 ", beyond the last address", range.size,
                   range.base);
  }
  for (; bus.offset_ > 0; bus = bus.parent()) {
    range = bus.across(range);
  }
  return range;
}

Memory_range Node::range(std::uint32_t index, const char* meaning) const noexcept {
  const std::optional<Memory_range> found = range(index);
  if (!found) {
    reader_->wrong(offset_, "reg", "ends before range %" PRIu32 ", expected %s", index, meaning);
  }
  return found.value_or(Memory_range{});
}

Memory_range Node::across(Memory_range range) const noexcept {
  const std::span ranges = bytes("ranges");
  if (ranges.data() != nullptr && ranges.empty()) {
    return range;
  }
  const Cells child = cells();
  const Cells outer = parent().cells();
  const std::size_t entry = (child.address + outer.address + child.size) * cell_size;
  const std::byte* at = ranges.data();
  for (std::size_t left = ranges.size() / entry; left != 0; --left, at += entry) {
    const Memory_range from{read_cells(at, child.address),
                            read_cells(at + (child.address + outer.address) * cell_size, child.size)};
    const std::uint64_t into = range.base - from.base;
    const Memory_range to{read_cells(at + child.address * cell_size, outer.address) + into, range.size};
    if (range.base >= from.base && into <= from.size && range.size <= from.size - into && to.base >= into &&
        !wraps(to)) {
      return to;
    }
  }
  reader_->wrong(offset_, "ranges", "has no place for 0x%" PRIx64 " bytes at 0x%" PRIx64, range.size, range.base);
  return range;
}

Interrupt_line Node::interrupt(std::uint32_t index, std::uint32_t cells) const noexcept {
  constexpr Interrupt_line none{Interrupt{0}, Trigger::high_level};
  const std::span value = bytes("interrupts");
  const std::size_t before = std::size_t{index} * cells * cell_size;
  if (value.size() < before + std::size_t{cells} * cell_size) {
    reader_->wrong(offset_, "interrupts", "has %zu bytes, expected at least %zu", value.size(),
                   before + std::size_t{cells} * cell_size);
    return none;
  }
  const std::byte* at = value.data() + before;
  const std::uint32_t type = read_cell(at);
  const std::uint32_t number = read_cell(at + cell_size);
  const std::uint32_t flags = read_cell(at + 2 * cell_size);
  // Type 0 is an SPI, 1 a PPI, each counted from 0 ([dt] arm,gic-v3.yaml); no SPI has an INTID from 1020 on
  // ([gic] 2.2).
  constexpr std::uint32_t first_ppi = 16;
  constexpr std::uint32_t first_spi = 32;
  constexpr std::uint32_t past_spis = 1020;
  const std::uint32_t first = type == 1 ? first_ppi : first_spi;
  if (type > 1 || number >= (type == 1 ? first_spi : past_spis) - first) {
    reader_->wrong(offset_, "interrupts",
                   "has type %" PRIu32 " number %" PRIu32 ", expected an SPI (0) or a PPI (1)", type, number);
    return none;
  }
  const std::uint32_t sense = flags & 0xfU;
  if (sense != 1 && sense != 2 && sense != 4 && sense != 8) {
    reader_->wrong(offset_, "interrupts", "has flags 0x%" PRIx32 ", expected 1, 2, 4 or 8 in the low four bits",
                   flags);
    return none;
  }
  return {Interrupt{first + number}, static_cast<Trigger>(sense)};
}

}  // namespace enlighten::guest
