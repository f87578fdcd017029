// SPDX-License-Identifier: MIT
// Chooses the heap among the machine's RAM, builds the final page tables, hands out pages.
#include <runtime/memory.hpp>

#include <algorithm>
#include <cstring>
#include <span>

#include <arch/translation.hpp>

namespace enlighten::runtime {
namespace {

constexpr std::uint64_t block_size = 2ULL << 20;
// Enough tables for the image, the tree, an initrd, devices and every GiB of heap that fits the emulator or a small
// board; what a larger machine or more CPUs need on top is computed.
constexpr std::uint64_t base_table_pages = 40;

[[nodiscard]] constexpr std::uint64_t round_down(std::uint64_t value, std::uint64_t unit) {
  return value & ~(unit - 1);
}
[[nodiscard]] constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return round_down(value + unit - 1, unit);
}

[[nodiscard]] guest::Memory_range whole_pages(guest::Memory_range range) noexcept {
  const std::uint64_t start = round_down(range.base, Memory::page_size);
  return {start, round_up(range.base + range.size, Memory::page_size) - start};
}

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

// Everything in RAM that is not free, one range after the other: what was loaded, and what the tree reserves.
class Taken_walk {
 public:
  Taken_walk(std::span<const guest::Memory_range> loaded, const guest::Device_tree& tree) noexcept
      : loaded_{loaded}, reserved_{tree.reserved()} {}

  // In whole pages; empty behind the last.
  [[nodiscard]] Result<std::optional<guest::Memory_range>> next() noexcept {
    if (step_ < loaded_.size()) {
      return whole_pages(loaded_[step_++]);
    }
    const std::optional<guest::Memory_range> range = ENLIGHTEN_TRY(reserved_.next());
    return range ? std::optional{whole_pages(*range)} : std::nullopt;
  }

 private:
  std::span<const guest::Memory_range> loaded_;
  guest::Range_walk reserved_;
  std::size_t step_ = 0;
};

// What is free from `start` on to `end` or to what is taken first; empty if `start` itself is taken.
[[nodiscard]] Result<guest::Memory_range> free_range(Taken_walk walk, std::uint64_t start,
                                                     std::uint64_t end) noexcept {
  while (const auto taken = ENLIGHTEN_TRY(walk.next())) {
    if (taken->base + taken->size > start) {
      end = std::min(end, std::max(taken->base, start));
    }
  }
  return guest::Memory_range{start, end > start ? end - start : 0};
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

// A free range begins where a bank does, or where something taken ends.
Result<> Memory::choose_heap(const guest::Device_tree& tree) noexcept {
  guest::Range_walk banks = tree.memory();
  while (const auto bank = ENLIGHTEN_TRY(banks.next())) {
    const std::uint64_t bank_start = round_up(bank->base, page_size);
    const std::uint64_t bank_end = round_down(bank->base + bank->size, page_size);
    const Taken_walk all{loaded_, tree};
    Taken_walk walk = all;
    for (std::optional<guest::Memory_range> before = guest::Memory_range{bank_start, 0}; before;
         before = ENLIGHTEN_TRY(walk.next())) {
      const std::uint64_t start = before->base + before->size;
      if (start >= bank_start && start < bank_end) {
        const guest::Memory_range range = ENLIGHTEN_TRY(free_range(all, start, bank_end));
        heap_ = range.size > heap_.size ? range : heap_;
      }
    }
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
  low_ = heap_.base + stacks_.bytes();
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
  const std::uint64_t rest = heap_.base + stacks_.bytes();
  ENLIGHTEN_TRY(add({rest, heap_.base + heap_.size - rest}, data, "heap"));
  table_->becomes_live();
  return arch::Translation{table_->top(), arch::translation_control(input, output),
                           arch::Descriptor::memory_attributes};
}

Result<> Memory::add(guest::Memory_range range, arch::Memory_kind kind, const char* what) noexcept {
  const guest::Memory_range pages = whole_pages(range);
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
  return high_ - low_;
}

std::optional<std::uint64_t> Memory::take_pages(std::uint64_t count) noexcept {
  const std::uint64_t top = round_down(high_, page_size);
  if (top < low_ || count > (top - low_) / page_size) {
    return std::nullopt;
  }
  high_ = top - count * page_size;
  std::memset(reinterpret_cast<void*>(high_), 0, count * page_size);
  return high_;
}

std::optional<std::uint64_t> Memory::allocate_pages(std::uint64_t count) noexcept {
  const guest::Spin_guard guard{lock_};
  return take_pages(count);
}

void* Memory::grow_heap(std::ptrdiff_t bytes) noexcept {
  const guest::Spin_guard guard{lock_};
  const std::uint64_t bottom = heap_.base + stacks_.bytes();
  const std::uint64_t room = bytes < 0 ? low_ - bottom : high_ - low_;
  const std::uint64_t wanted = static_cast<std::uint64_t>(bytes < 0 ? -bytes : bytes);
  if (wanted > room) {
    return nullptr;
  }
  void* const old = reinterpret_cast<void*>(low_);
  low_ = bytes < 0 ? low_ - wanted : low_ + wanted;
  return old;
}

}  // namespace enlighten::runtime
