// SPDX-License-Identifier: MIT
// The first page tables, built with the MMU off in pages of the image itself: the image and the device tree.
//
// Every access here is to Device memory, because there is no translation yet ([arm] D8.2.9): it must be aligned, in
// instructions of the general registers, and nothing may call memset or memcpy, which use DC ZVA and unaligned
// accesses. The build compiles this file so.
#include <cstddef>
#include <cstdint>
#include <optional>

#include <arch/image_table.hpp>
#include <arch/start.hpp>
#include <arch/translation.hpp>
#include <base/rounding.hpp>

namespace enlighten::arch {

template class Page_table<Image_table_memory>;

namespace {

// One for each level; one more for a second 2 MiB, and two for a second GiB, that the image may reach into; one for
// a device tree, two for a console and two for the first piece of heap in GiB of their own.
constexpr std::size_t page_count = 12;
constexpr std::size_t entries_per_page = 512;

alignas(4096) constinit std::uint64_t pages[page_count][entries_per_page]{};
constinit std::size_t pages_used = 0;
constinit std::uint64_t top_table = 0;
constinit Page_table_options options{};
constinit Translation translation{};

constexpr std::uint64_t block_size = 2ULL << 20;
constexpr std::uint64_t tree_magic = 0xd00dfeed;
// Xen builds a guest's tree in 4 KiB up to 4.20; [linux] booting.rst allows 2 MiB.
constexpr std::uint64_t largest_tree = block_size;

std::optional<std::uint64_t> allocate_table(void*) noexcept {
  if (pages_used == page_count) {
    return std::nullopt;
  }
  volatile std::uint64_t* const page = pages[pages_used++];
  for (std::size_t index = 0; index < entries_per_page; ++index) {
    page[index] = 0;
  }
  return reinterpret_cast<std::uint64_t>(page);
}

constinit Image_table_memory memory{allocate_table, nullptr};

[[nodiscard]] bool map_identity(std::uint64_t start, std::uint64_t end, Memory_kind kind) noexcept {
  Image_table table{memory, options, top_table};
  return table.map(identity(start, end - start, kind)).has_value();
}

// In blocks where the image is not near, else in the pages that the tree touches.
[[nodiscard]] bool map_tree(std::uint64_t tree) noexcept {
  const auto* header = reinterpret_cast<const volatile std::uint32_t*>(tree);
  if (tree == 0 || tree % 8 != 0 || __builtin_bswap32(header[0]) != tree_magic) {
    return true;
  }
  const std::uint64_t size = __builtin_bswap32(header[1]);
  if (size > largest_tree) {
    return true;
  }
  for (std::uint64_t block = round_down(tree, block_size); block < tree + size; block += block_size) {
    if (map_identity(block, block + block_size, Memory_kind::read_only)) {
      continue;
    }
    const std::uint64_t start = block > tree ? block : round_down(tree, 4096);
    const std::uint64_t end = round_up(tree + size, 4096);
    if (!map_identity(start, end < block + block_size ? end : block + block_size, Memory_kind::read_only)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool Early_tables::map(const Mapping& mapping) noexcept {
  Image_table table{memory, options, top_table};
  if (!table.map(mapping)) {
    return false;
  }
  publish_translations();
  return true;
}

// Called by entry.S. There is nobody to tell of a failure yet: BRK ends in the vectors, which a debugger sees.
extern "C" const Translation* enlighten_early_tables(std::uint64_t tree) {
  const Image_layout image = image_layout();
  const std::uint64_t highest = image.end > tree + largest_tree ? image.end : tree + largest_tree;
  options.input = highest >> 39 == 0 ? Input_bits::bits_39 : Input_bits::bits_48;
  options.output = physical_address_bits();

  pages_used = 0;
  const auto table = Image_table::create(memory, options);
  top_table = table ? table->top() : 0;
  if (!table || !map_identity(image.text, image.constants, Memory_kind::code) ||
      !map_identity(image.constants, image.data, Memory_kind::read_only) ||
      !map_identity(image.data, round_up(image.end, 4096), Memory_kind::data) || !map_tree(tree)) {
    __builtin_trap();
  }
  translation = {top_table, translation_control(options.input, options.output), Descriptor::memory_attributes};
  return &translation;
}

}  // namespace enlighten::arch
