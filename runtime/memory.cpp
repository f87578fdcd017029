// SPDX-License-Identifier: MIT
// Chooses the heap among the machine's RAM, builds the final page tables, hands out pages.
#include <runtime/memory.hpp>

#include <algorithm>
#include <cstring>
#include <span>

#include <arch/translation.hpp>
#include <base/rounding.hpp>
#include <guest/free_memory.hpp>

namespace enlighten::runtime {
namespace {

constexpr std::uint64_t block_size = 2ULL << 20;
// Enough tables for the image, the tree, an initrd, devices and every GiB of heap that fits the emulator or a small
// board; what a larger machine or more CPUs need on top is computed.
constexpr std::uint64_t base_table_pages = 40;

[[nodiscard]] const char* words(arch::Page_table_error error) noexcept {
  switch (error) {
    case arch::Page_table_error::overlap:
      return "something else is mapped there";
    case arch::Page_table_error::no_table_memory:
      return "no page is left for a table";
    case arch::Page_table_error::input_too_wide:
    case arch::Page_table_error::output_too_wide:
      return "the address is wider than this CPU's";
    default:
      return "not whole pages";
  }
}

}  // namespace

Result<> Memory::find_loaded(const guest::Device_tree& tree) noexcept {
  const arch::Image_layout image = arch::image_layout();
  const guest::Memory_range initrd = ENLIGHTEN_TRY(tree.chosen()).initrd.value_or(guest::Memory_range{});
  // Start-up has zeroed what the image needs behind its file, which Xen does not reserve: see entry.S.
  if (initrd.base < image.end && initrd.base + initrd.size > image.text) {
    return Error::make(Error_kind::description,
                       "initrd: at %#llx it lies within the image (%#llx to %#llx) and was overwritten: "
                       "load the image at a multiple of 2 MiB",
                       static_cast<unsigned long long>(initrd.base), static_cast<unsigned long long>(image.text),
                       static_cast<unsigned long long>(image.end));
  }
  const std::span blob = tree.bytes();
  loaded_ = {guest::Memory_range{image.text, image.end - image.text},
             {reinterpret_cast<std::uintptr_t>(blob.data()), blob.size()},
             initrd};
  return {};
}

Result<> Memory::choose_heap(const guest::Device_tree& tree) noexcept {
  guest::Free_walk walk{loaded_, tree};
  while (const auto range = ENLIGHTEN_TRY(walk.next())) {
    heap_ = range->size > heap_.size ? *range : heap_;
  }
  return {};
}

// Pages for tables and the first allocations must be reachable before the final tables are: the heap's upper end,
// in the block that the start-up tables may reach already, or in one block of its own.
Result<> Memory::open_window() noexcept {
  const std::uint64_t end = heap_.base + heap_.size;
  const std::uint64_t block = round_down(end - 1, block_size);
  const std::uint64_t start = std::max(block, heap_.base);
  const std::uint64_t needed = (base_table_pages + stacks_.bytes() / block_size + (heap_.size >> 30)) * page_size;
  if (end - start >= needed &&
      arch::Early_tables::map(arch::identity(start, end - start, arch::Memory_kind::data))) {
    return {};
  }
  const std::uint64_t whole = round_down(end, block_size) - block_size;
  if (whole >= heap_.base && whole < end &&
      arch::Early_tables::map(arch::identity(whole, block_size, arch::Memory_kind::data))) {
    heap_.size = whole + block_size - heap_.base;
    return {};
  }
  return Error::make(Error_kind::out_of_memory, "memory: no place for page tables in the %llu KiB free at %#llx",
                     static_cast<unsigned long long>(heap_.size >> 10),
                     static_cast<unsigned long long>(heap_.base));
}

Result<> Memory::plan(const guest::Device_tree& tree, std::uint32_t cpus) noexcept {
  ENLIGHTEN_TRY(find_loaded(tree));
  ENLIGHTEN_TRY(choose_heap(tree));
  stacks_ = Stacks{heap_.base, cpus};
  const std::uint64_t least = stacks_.bytes() + block_size;
  if (heap_.size < least) {
    return Error::make(
        Error_kind::out_of_memory, "memory: %u CPUs need %llu KiB free in one piece, the largest has %llu KiB",
        cpus, static_cast<unsigned long long>(least >> 10), static_cast<unsigned long long>(heap_.size >> 10));
  }
  ENLIGHTEN_TRY(open_window());
  bottom_ = heap_.base + stacks_.bytes();
  low_ = bottom_;
  high_ = heap_.base + heap_.size;
  return {};
}

Result<arch::Translation> Memory::build_tables() noexcept {
  const arch::Output_bits output = arch::physical_address_bits();
  const arch::Input_bits input = arch::width(output) <= 39 ? arch::Input_bits::bits_39 : arch::Input_bits::bits_48;
  const auto created = arch::Image_table::create(tables_, {input, output, arch::Descriptor::Scope::global});
  if (!created) {
    return Error::make(Error_kind::out_of_memory, "memory: no page for the top page table");
  }
  table_ = *created;

  using enum arch::Memory_kind;
  const arch::Image_layout image = arch::image_layout();
  ENLIGHTEN_TRY(add({image.text, image.constants - image.text}, code, "code"));
  ENLIGHTEN_TRY(add({image.constants, image.data - image.constants}, read_only, "constants"));
  ENLIGHTEN_TRY(add({image.data, image.end - image.data}, data, "data"));
  const auto& [whole_image, tree, initrd] = loaded_;
  ENLIGHTEN_TRY(add(tree, read_only, "device tree"));
  if (initrd.size != 0) {
    ENLIGHTEN_TRY(add(initrd, read_only, "initrd"));
  }
  for (std::uint32_t index = 0; index < stacks_.cpus(); ++index) {
    const Cpu cpu{index};
    ENLIGHTEN_TRY(add({stacks_.exception_bottom(cpu), Stacks::exception_size}, data, "exception stack"));
    ENLIGHTEN_TRY(add({stacks_.bottom(cpu), Stacks::size}, data, "stack"));
  }
  ENLIGHTEN_TRY(add({bottom_, heap_.base + heap_.size - bottom_}, data, "heap"));
  table_->becomes_live();
  return arch::Translation{table_->top(), arch::translation_control(input, output),
                           arch::Descriptor::memory_attributes};
}

Result<> Memory::add(guest::Memory_range range, arch::Memory_kind kind, const char* what) noexcept {
  const guest::Memory_range pages = guest::whole_pages(range);
  if (const auto mapped = table_->map(arch::identity(pages.base, pages.size, kind)); !mapped) {
    return Error::make(Error_kind::argument, "memory: cannot map the %s at %#llx, %llu KiB: %s", what,
                       static_cast<unsigned long long>(pages.base),
                       static_cast<unsigned long long>(pages.size >> 10), words(mapped.error()));
  }
  arch::publish_translations();
  return {};
}

Result<> Memory::map_device(guest::Memory_range registers) noexcept {
  const guest::Spin_guard guard{lock_};
  return add(registers, arch::Memory_kind::device, "registers");
}

Result<> Memory::map_frame(std::uint64_t address, arch::Memory_kind kind) noexcept {
  const guest::Spin_guard guard{lock_};
  return add({address, page_size}, kind, "frame");
}

// In pages, never in blocks: of a row that was mapped as one, each page can be taken away by itself. What was
// invalid is in no TLB, so that publishing is all ([arm] D8.14.1): break-before-make is what unmap_frames() does on
// the way from one use of an address to the next.
Result<> Memory::map_frames(guest::Memory_range frames, arch::Memory_kind kind) noexcept {
  const guest::Spin_guard guard{lock_};
  if (const auto mapped = table_->map(arch::identity(frames.base, frames.size, kind), arch::Block_use::pages_only);
      !mapped) {
    return Error::make(Error_kind::argument, "memory: cannot map frames at %#llx, %llu KiB: %s",
                       static_cast<unsigned long long>(frames.base),
                       static_cast<unsigned long long>(frames.size >> 10), words(mapped.error()));
  }
  arch::publish_translations();
  return {};
}

// The translations are gone from every TLB before the lock is free, and so before anything can be mapped there
// anew: the break of break-before-make. What this CPU has stored to the frames is there before the barriers of
// complete(): whoever takes the frames away afterwards does so behind those stores.
Result<> Memory::unmap_frames(guest::Memory_range frames) noexcept {
  const guest::Spin_guard guard{lock_};
  const auto owed = table_->unmap(frames.base, frames.size);
  if (!owed) {
    return Error::make(Error_kind::argument, "memory: cannot unmap frames at %#llx, %llu KiB: not all are mapped",
                       static_cast<unsigned long long>(frames.base),
                       static_cast<unsigned long long>(frames.size >> 10));
  }
  arch::complete(*owed);
  return {};
}

std::uint64_t Memory::room() noexcept {
  const guest::Spin_guard guard{lock_};
  return high_ - low_ + other_room_;
}

bool Memory::take_other_piece(std::uint64_t pages) noexcept {
  return other_piece_ != nullptr && other_piece_(*this, pages);
}

std::optional<std::uint64_t> Memory::take_pages(std::uint64_t count) noexcept {
  if (count > (high_ - low_) / page_size && !take_other_piece(count)) {
    return std::nullopt;
  }
  high_ -= count * page_size;
  std::memset(reinterpret_cast<void*>(high_), 0, count * page_size);
  return high_;
}

std::optional<std::uint64_t> Memory::allocate_pages(std::uint64_t count) noexcept {
  const guest::Spin_guard guard{lock_};
  return take_pages(count);
}

void* Memory::grow_heap(std::ptrdiff_t bytes) noexcept {
  const guest::Spin_guard guard{lock_};
  const bool shrinks = bytes < 0;
  const std::uint64_t wanted = static_cast<std::uint64_t>(shrinks ? -bytes : bytes);
  if (wanted > (shrinks ? low_ - bottom_ : high_ - low_) &&
      (shrinks || !take_other_piece((wanted + page_size - 1) / page_size))) {
    return nullptr;
  }
  void* const old = reinterpret_cast<void*>(low_);
  low_ = shrinks ? low_ - wanted : low_ + wanted;
  return old;
}

}  // namespace enlighten::runtime
