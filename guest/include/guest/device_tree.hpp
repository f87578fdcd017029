// SPDX-License-Identifier: MIT
// Asks a flattened device tree what machine this is; the tree is input, so every answer can be an error instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <base/result.hpp>
#include <guest/machine.hpp>

namespace enlighten::guest {

class Device_tree;

// Ranges of addresses as they stand in the tree, one a call; ranges of size 0 are passed over.
class Range_walk {
 public:
  // Empty after the last one. After an error the walk is over.
  [[nodiscard]] Result<std::optional<Memory_range>> next() noexcept;

 private:
  friend class Device_tree;
  enum class Source : std::uint8_t { memory, reserved, one_node };

  Range_walk(const void* blob, Source source, int node, std::uint32_t index, std::uint32_t end) noexcept
      : blob_{blob}, node_{node}, index_{index}, end_{end}, source_{source} {}

  const void* blob_;
  int node_;             // whose ranges are being read; negative: none, or no more
  std::uint32_t index_;  // of the next range in its `reg`
  std::uint32_t end_;    // one past the last
  int reservation_ = 0;  // of the header, read first
  Source source_;
};

// The CPUs below /cpus in the order of the tree; one whose `status` says that it is not to be used is passed over.
class Cpu_walk {
 public:
  // Empty after the last one. After an error the walk is over.
  [[nodiscard]] Result<std::optional<Cpu_node>> next() noexcept;

 private:
  friend class Device_tree;
  Cpu_walk(const void* blob, int cpus, int node) noexcept : blob_{blob}, cpus_{cpus}, node_{node} {}

  const void* blob_;
  int cpus_;  // the node around them; negative: there is none
  int node_;  // whose turn it is; negative: no more
};

// Holds no copy: the blob must stay where it is, unchanged, as long as this object and the texts it hands out are
// used. Nodes whose `status` is not "okay" do not exist for any query. Queries walk the tree each time they are
// asked. An error's text names node and property, what was found and what was expected.
class Device_tree {
 public:
  // Checks the header and the structure of the whole tree. `blob` is what the boot protocol passes (8-byte
  // aligned), `room` the number of bytes from there on that may be read.
  [[nodiscard]] static Result<Device_tree> open(const void* blob, std::size_t room) noexcept;

  // What the tree occupies.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept;

  // Banks of RAM.
  [[nodiscard]] Range_walk memory() const noexcept;
  // Parts of RAM that belong to somebody else: the header's reservations and /reserved-memory. The tree itself and
  // the initrd need not be among them.
  [[nodiscard]] Range_walk reserved() const noexcept;
  [[nodiscard]] Cpu_walk cpus() const noexcept;

  // A machine without the node: empty.
  [[nodiscard]] Result<std::optional<Psci_description>> psci() const noexcept;
  [[nodiscard]] Result<std::optional<Hypervisor_description>> hypervisor() const noexcept;
  // The UART that /chosen/stdout-path names, or without such a property the first one of a kind we know.
  // Empty when there is none, or when stdout-path names a device of another kind.
  [[nodiscard]] Result<std::optional<Uart_description>> uart() const noexcept;
  // Of the same one. Empty when there is none, or when it has no interrupt.
  [[nodiscard]] Result<std::optional<Interrupt_line>> uart_interrupt() const noexcept;

  // A machine without one is an error.
  [[nodiscard]] Result<Gic_description> gic() const noexcept;
  [[nodiscard]] Result<Timer_description> timer() const noexcept;

  // All empty where the tree says nothing.
  [[nodiscard]] Result<Chosen> chosen() const noexcept;

  // GICv3's redistributor regions; nothing with GICv2.
  [[nodiscard]] Range_walk redistributors() const noexcept;
  // Guest physical addresses that are unused, for grants and foreign mappings ([xen] device tree binding of
  // /hypervisor).
  [[nodiscard]] Range_walk extended_regions() const noexcept;

 private:
  explicit Device_tree(const void* blob) noexcept : blob_{blob} {}

  const void* blob_;
};

}  // namespace enlighten::guest
