// SPDX-License-Identifier: MIT
// Builds and changes stage 1 translation tables ([arm] D8.2, D8.3): which addresses exist, and what may be done
// there.
#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <optional>

#include <arch/tlb_maintenance.hpp>
#include <arch/translation_control.hpp>
#include <arch/translation_descriptor.hpp>

namespace enlighten::arch {

// Where tables live. A table is 512 entries of 8 bytes in one 4 KiB page, named by its physical address. An entry
// is stored in one piece: hardware walks the table meanwhile.
template <typename T>
concept Table_memory = requires(T memory, std::uint64_t table, unsigned index, std::uint64_t raw) {
  { memory.allocate_table() } -> std::same_as<std::optional<std::uint64_t>>;  // zeroed; empty: there is no more
  { memory.read_entry(table, index) } -> std::same_as<std::uint64_t>;
  { memory.write_entry(table, index, raw) } -> std::same_as<void>;
};

// Small on purpose: start-up code has no way to print when it meets one.
enum class Page_table_error : std::uint8_t {
  misaligned,        // an address or a size is no multiple of 4 KiB
  empty,             // a size of zero
  input_too_wide,    // the range does not fit the input address width
  output_too_wide,   // the range does not fit the output address width
  overlap,           // a part of the range is mapped already
  not_mapped,        // a part of the range is not mapped
  no_table_memory,   // no page left for a table
  block_in_use,      // a live table would need a block split (see Table_use)
  device_in_memory,  // a change between device and memory, which only unmapping and mapping anew can do
};

enum class Block_use : std::uint8_t {
  blocks,      // 2 MiB and 1 GiB where alignment allows: fewer tables, fewer TLB entries
  pages_only,  // what is to be changed in parts while live
};

// Whether hardware may be walking this table. Replacing a block by a table of smaller entries in a live table could
// leave both in a TLB, for which the outcome is unpredictable; break-before-make ([arm] D8.14.1) forbids it, and
// while "broken" the whole block would fault on all CPUs, the code doing it and its stack included. So a live table
// refuses.
enum class Table_use : std::uint8_t { building, live };

struct Page_table_options {
  Input_bits input = Input_bits::bits_48;
  Output_bits output = Output_bits::bits_48;
  Descriptor::Scope scope = Descriptor::Scope::global;
};

struct Mapping {
  std::uint64_t input;   // the address a program uses
  std::uint64_t output;  // the physical address it stands for
  std::uint64_t size;    // bytes
  Memory_kind kind;
};

[[nodiscard]] constexpr Mapping identity(std::uint64_t address, std::uint64_t size, Memory_kind kind) noexcept {
  return {address, address, size, kind};
}

// Every operation either does all of what it is asked or changes no translation; tables it made meanwhile stay,
// empty. Tables are never given back. What is not mapped faults: a guard page is a page left out. Runs with the MMU
// off: no calls into a C library, no table of constants, and what it stores goes through `Memory`.
template <Table_memory Memory>
class Page_table {
 public:
  static constexpr std::uint64_t page_size = 4096;

  template <typename T = void>
  using Outcome = std::expected<T, Page_table_error>;

  [[nodiscard]] static Outcome<Page_table> create(Memory& memory, Page_table_options options) noexcept {
    const std::optional<std::uint64_t> top = memory.allocate_table();
    if (!top) {
      return std::unexpected{Page_table_error::no_table_memory};
    }
    return Page_table{memory, options, *top};
  }

  // A table that was built before, by this class.
  Page_table(Memory& memory, Page_table_options options, std::uint64_t top) noexcept
      : memory_{&memory}, top_{top}, options_{options} {}

  // Physical address of the top table, for TTBR0.
  [[nodiscard]] std::uint64_t top() const noexcept { return top_; }

  // From now on hardware walks it.
  void becomes_live() noexcept { use_ = Table_use::live; }

  // Where nothing was mapped. In a live table the mapping holds after publish_translations().
  [[nodiscard]] Outcome<> map(const Mapping& mapping, Block_use blocks = Block_use::blocks) noexcept {
    if (const auto checked = check(mapping.input, mapping.size); !checked) {
      return checked;
    }
    if (mapping.output % page_size != 0) {
      return std::unexpected{Page_table_error::misaligned};
    }
    if (!fits(mapping.output, mapping.size, width(options_.output))) {
      return std::unexpected{Page_table_error::output_too_wide};
    }
    // Twice over the range: every table first, which can fail, then every leaf, which cannot.
    for (std::uint64_t done = 0; done < mapping.size;) {
      const Outcome<Slot> slot = free_slot(mapping, done, blocks);
      if (!slot) {
        return std::unexpected{slot.error()};
      }
      done += span_of(slot->level);
    }
    for (std::uint64_t done = 0; done < mapping.size;) {
      const Slot slot = leaf_slot(mapping.input + done);
      write(slot, Descriptor::leaf(mapping.output + done, slot.level, mapping.kind, options_.scope));
      done += span_of(slot.level);
    }
    return {};
  }

  // Valid to invalid in one store: no break-before-make, but TLBs may go on translating until what is owed is paid,
  // and until then nothing else may be mapped there ([arm] D8.14.1).
  [[nodiscard]] Outcome<Tlb_maintenance> unmap(std::uint64_t input, std::uint64_t size) noexcept {
    return change(
        input, size, [](Descriptor) { return true; }, [](Descriptor, unsigned) { return Descriptor::invalid(); });
  }

  // Permissions may change in place: address, memory type and block size stay, so whichever of the two entries a
  // TLB holds is one that was valid, and break-before-make is not asked for ([arm] D8.14.1). Another memory type
  // is.
  [[nodiscard]] Outcome<Tlb_maintenance> protect(std::uint64_t input, std::uint64_t size,
                                                 Memory_kind kind) noexcept {
    const bool to_device = kind == Memory_kind::device;
    return change(
        input, size, [to_device](Descriptor old) { return old.is_device() == to_device; },
        [kind](Descriptor old, unsigned level) {
          return Descriptor::leaf(old.address(), level, kind, old.scope());
        });
  }

 private:
  static constexpr unsigned last_level = 3;

  // An entry: where it is and how deep.
  struct Slot {
    std::uint64_t table;
    unsigned index;
    unsigned level;
  };

  [[nodiscard]] static constexpr unsigned shift_of(unsigned level) noexcept {
    return 12 + 9 * (last_level - level);
  }
  [[nodiscard]] static constexpr std::uint64_t span_of(unsigned level) noexcept { return 1ULL << shift_of(level); }
  [[nodiscard]] static constexpr std::uint64_t end_of(std::uint64_t address, unsigned level) noexcept {
    return (address | (span_of(level) - 1)) + 1;
  }
  [[nodiscard]] static constexpr bool fits(std::uint64_t address, std::uint64_t size, unsigned bits) noexcept {
    const std::uint64_t limit = 1ULL << bits;
    return address < limit && size <= limit - address;
  }

  [[nodiscard]] Descriptor read(const Slot& slot) const noexcept {
    return Descriptor{memory_->read_entry(slot.table, slot.index)};
  }
  void write(const Slot& slot, Descriptor entry) noexcept {
    memory_->write_entry(slot.table, slot.index, entry.raw());
  }

  [[nodiscard]] Outcome<> check(std::uint64_t input, std::uint64_t size) const noexcept {
    if (size == 0) {
      return std::unexpected{Page_table_error::empty};
    }
    if (input % page_size != 0 || size % page_size != 0) {
      return std::unexpected{Page_table_error::misaligned};
    }
    if (!fits(input, size, width(options_.input))) {
      return std::unexpected{Page_table_error::input_too_wide};
    }
    return {};
  }

  // Down from the top for as long as there are tables.
  [[nodiscard]] Slot leaf_slot(std::uint64_t input) const noexcept {
    Slot slot = slot_in(top_, start_level(options_.input), input);
    for (Descriptor entry = read(slot); entry.is_table(slot.level); entry = read(slot)) {
      slot = slot_in(entry.address(), slot.level + 1, input);
    }
    return slot;
  }

  [[nodiscard]] static Slot slot_in(std::uint64_t table, unsigned level, std::uint64_t input) noexcept {
    return {table, static_cast<unsigned>(input >> shift_of(level) & 511), level};
  }

  // The shallowest level that one entry for the mapping from `done` on could be at. There are no blocks at level 0.
  [[nodiscard]] static unsigned wanted_level(const Mapping& mapping, std::uint64_t done,
                                             Block_use blocks) noexcept {
    if (blocks == Block_use::pages_only) {
      return last_level;
    }
    const std::uint64_t addresses = (mapping.input + done) | (mapping.output + done);
    unsigned level = 1;
    while (level < last_level && (addresses % span_of(level) != 0 || mapping.size - done < span_of(level))) {
      ++level;
    }
    return level;
  }

  // The entry to put the mapping's next piece into, with the tables above it made; nothing may be mapped there.
  [[nodiscard]] Outcome<Slot> free_slot(const Mapping& mapping, std::uint64_t done, Block_use blocks) noexcept {
    const std::uint64_t input = mapping.input + done;
    const unsigned wanted = wanted_level(mapping, done, blocks);
    Slot slot = slot_in(top_, start_level(options_.input), input);
    for (;;) {
      const Descriptor entry = read(slot);
      if (entry.is_table(slot.level)) {
        slot = slot_in(entry.address(), slot.level + 1, input);
      } else if (entry.valid()) {
        return std::unexpected{Page_table_error::overlap};
      } else if (slot.level >= wanted) {
        return slot;
      } else {
        const std::optional<std::uint64_t> table = memory_->allocate_table();
        if (!table) {
          return std::unexpected{Page_table_error::no_table_memory};
        }
        write(slot, Descriptor::table(*table));
      }
    }
  }

  // Replaces each leaf of the range by `replacement(leaf, level)`, if all of them are there and `allowed(leaf)`.
  template <typename Allowed, typename Replacement>
  [[nodiscard]] Outcome<Tlb_maintenance> change(std::uint64_t input, std::uint64_t size, Allowed allowed,
                                                Replacement replacement) noexcept {
    if (const auto checked = check(input, size); !checked) {
      return std::unexpected{checked.error()};
    }
    const std::uint64_t end = input + size;
    for (std::uint64_t address = input; address < end;) {
      const Slot slot = leaf_slot(address);
      const Descriptor leaf = read(slot);
      if (!leaf.valid()) {
        return std::unexpected{Page_table_error::not_mapped};
      }
      if (!allowed(leaf)) {
        return std::unexpected{Page_table_error::device_in_memory};
      }
      if (address % span_of(slot.level) == 0 && end - address >= span_of(slot.level)) {
        address += span_of(slot.level);
      } else if (const auto split_up = split(slot, leaf); !split_up) {
        return std::unexpected{split_up.error()};
      }
    }
    for (std::uint64_t address = input; address < end;) {
      const Slot slot = leaf_slot(address);
      write(slot, replacement(read(slot), slot.level));
      address += span_of(slot.level);
    }
    return use_ == Table_use::live ? Tlb_maintenance{input, size} : Tlb_maintenance{};
  }

  // A block becomes a table of entries one level down that mean the same.
  [[nodiscard]] Outcome<> split(const Slot& slot, Descriptor block) noexcept {
    if (use_ == Table_use::live) {
      return std::unexpected{Page_table_error::block_in_use};
    }
    const std::optional<std::uint64_t> table = memory_->allocate_table();
    if (!table) {
      return std::unexpected{Page_table_error::no_table_memory};
    }
    const unsigned level = slot.level + 1;
    for (unsigned index = 0; index < 512; ++index) {
      const std::uint64_t address = block.address() + index * span_of(level);
      write({*table, index, level}, Descriptor::leaf(address, level, block.kind(), block.scope()));
    }
    write(slot, Descriptor::table(*table));
    return {};
  }

  Memory* memory_;
  std::uint64_t top_;
  Page_table_options options_;
  Table_use use_ = Table_use::building;
};

}  // namespace enlighten::arch
