// SPDX-License-Identifier: MIT
// Reads values out of a device tree whose structure has been checked, and keeps the first thing found wrong with
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <base/result.hpp>
#include <guest/machine.hpp>

namespace enlighten::guest {

// One answer's reading. After something was wrong, what else is read has no meaning and does no harm, so that a
// query is written as if nothing could go wrong and asks once, with answer(), whether it did.
class Reader {
 public:
  explicit Reader(const void* blob) noexcept : blob_{blob} {}

  [[nodiscard]] const void* blob() const noexcept { return blob_; }
  [[nodiscard]] bool failed() const noexcept { return error_.has_value(); }

  // `value`, unless something was wrong on the way to it.
  template <typename T>
  [[nodiscard]] Result<T> answer(const T& value) const noexcept {
    return error_ ? Result<T>{std::unexpect, *error_} : Result<T>{value};
  }

  // Wrong is `property` of the node at `offset`, or the whole tree if it is null: `format` goes on after the name.
  [[gnu::cold, gnu::format(printf, 4, 5)]] void wrong(int offset, const char* property, const char* format,
                                                      ...) noexcept;

 private:
  const void* blob_;
  std::optional<Error> error_;
};

class Node {
 public:
  // A negative `offset`, as libfdt's look-ups return, is a node that does not exist. It has no properties.
  Node(Reader& reader, int offset) noexcept : reader_{&reader}, offset_{offset} {}

  [[nodiscard]] bool exists() const noexcept { return offset_ >= 0; }
  [[nodiscard]] int offset() const noexcept { return offset_; }

  // What this node's own `status` says; the nodes around it have one as well.
  [[nodiscard]] bool in_use() const noexcept;

  // The position of the first of `names` that this node is compatible with, or -1. As in a `compatible` property,
  // each name ends with a 0; the last is followed by another.
  [[nodiscard]] int which(const char* names) const noexcept;

  [[nodiscard]] Node first_child() const noexcept;
  [[nodiscard]] Node sibling() const noexcept;

  // A property's bytes; null if the node does not have it.
  [[nodiscard]] std::span<const std::byte> bytes(const char* property) const noexcept;
  [[nodiscard]] bool has(const char* property) const noexcept { return bytes(property).data() != nullptr; }
  // The first of the strings in a property; empty if the node does not have it.
  [[nodiscard]] std::string_view string(const char* property) const noexcept;
  // A number of one cell; `otherwise` if the node does not have the property.
  [[nodiscard]] std::uint32_t cell(const char* property, std::uint32_t otherwise) const noexcept;
  // A number of one cell or two, as the writer of the tree liked; 0 if the node does not have the property.
  [[nodiscard]] std::uint64_t number(const char* property) const noexcept;

  // The affinity that is a CPU's `reg`; `cpus` is the node around it, which says how many cells that has.
  [[nodiscard]] Mpidr affinity(Node cpus) const noexcept;
  // Range number `index` of `reg` in the root's addresses; empty behind the last.
  [[nodiscard]] std::optional<Memory_range> range(std::uint32_t index) const noexcept;
  // Range number `index` of `reg`, which has to be there: `meaning` is what for.
  [[nodiscard]] Memory_range range(std::uint32_t index, const char* meaning) const noexcept;
  // Specifier number `index` of `interrupts`, when each has `cells` cells as the GIC's binding lays them out.
  [[nodiscard]] Interrupt_line interrupt(std::uint32_t index, std::uint32_t cells) const noexcept;

 private:
  // How many cells an address and a size have below this node.
  struct Cells {
    std::uint32_t address;
    std::uint32_t size;
  };
  [[nodiscard]] Cells cells() const noexcept;
  [[nodiscard]] Node parent() const noexcept;
  // A range below this node, a bus, as its parent sees it.
  [[nodiscard]] Memory_range across(Memory_range range) const noexcept;

  Reader* reader_;
  int offset_;
};

// A node and which of the names it was looked for by is its own.
struct Match {
  Node node;
  int which;
};

// The first node that is compatible with one of `names`, laid out as for Node::which, and in use like all around
// it.
[[nodiscard]] Match find(Reader& reader, const char* names) noexcept;

// By path or alias, if it is in use.
[[nodiscard]] Node find_path(Reader& reader, std::string_view path) noexcept;

}  // namespace enlighten::guest
