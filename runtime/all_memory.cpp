// SPDX-License-Identifier: MIT
// Keeps the pieces of RAM that are not in use in a list, each with its record in its first bytes.
#include <runtime/all_memory.hpp>

#include <new>

#include <base/rounding.hpp>
#include <guest/free_memory.hpp>
#include <runtime/memory.hpp>

namespace enlighten::runtime {
namespace {

struct Piece {
  Piece* next;
  std::uint64_t size;

  [[nodiscard]] std::uint64_t base() const noexcept { return reinterpret_cast<std::uintptr_t>(this); }
};

constinit Piece* pieces = nullptr;  // under the lock of Memory

void put(std::uint64_t base, std::uint64_t size) noexcept {
  pieces = new (reinterpret_cast<void*>(base)) Piece{pieces, size};
}

}  // namespace

class All_memory {
 public:
  [[nodiscard]] static Result<std::uint64_t> use(Memory& memory, const guest::Device_tree& tree) noexcept;

 private:
  [[nodiscard]] static bool take_other(Memory& memory, std::uint64_t pages) noexcept;
};

// What is left of the piece in use takes the place of the one that follows it: a later, smaller wish finds it.
bool All_memory::take_other(Memory& memory, std::uint64_t pages) noexcept {
  for (Piece** link = &pieces; *link != nullptr; link = &(*link)->next) {
    const Piece piece = **link;
    if (piece.size / Memory::page_size < pages) {
      continue;
    }
    const std::uint64_t base = (*link)->base();
    *link = piece.next;
    memory.other_room_ -= piece.size;
    const std::uint64_t left = round_up(memory.low_, Memory::page_size);
    if (left < memory.high_) {
      put(left, memory.high_ - left);
      memory.other_room_ += memory.high_ - left;
    }
    memory.bottom_ = base;
    memory.low_ = base;
    memory.high_ = base + piece.size;
    return true;
  }
  return false;
}

// A table for a piece may come from a piece before it: each is mapped before it is in the list.
Result<std::uint64_t> All_memory::use(Memory& memory, const guest::Device_tree& tree) noexcept {
  const guest::Spin_guard guard{memory.lock_};
  if (memory.other_piece_ != nullptr) {
    return 0;
  }
  memory.other_piece_ = take_other;
  std::uint64_t added = 0;
  guest::Free_walk walk{memory.loaded_, tree};
  while (auto range = ENLIGHTEN_TRY(walk.next())) {
    // Of the piece in use, what had to be left behind it.
    if (range->base == memory.heap_.base) {
      *range = {range->base + memory.heap_.size, range->size - memory.heap_.size};
    }
    if (range->size == 0) {
      continue;
    }
    ENLIGHTEN_TRY(memory.add(*range, arch::Memory_kind::data, "free memory"));
    put(range->base, range->size);
    memory.other_room_ += range->size;
    added += range->size;
  }
  return added;
}

Result<std::uint64_t> use_all_memory(Guest& guest) noexcept {
  return All_memory::use(memory(), guest.tree());
}

}  // namespace enlighten::runtime
