// SPDX-License-Identifier: MIT
// The page tables of an image: those that start-up begins with and those that follow, by one copy of the code.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include <arch/page_table.hpp>

namespace enlighten::arch {

// Tables in memory that is mapped at its own address, or not mapped yet.
class Image_table_memory {
 public:
  // The address of a zeroed page of `source`'s; empty: there is no more.
  using Allocate = std::optional<std::uint64_t> (*)(void* source) noexcept;

  constexpr Image_table_memory(Allocate allocate, void* source) noexcept : allocate_{allocate}, source_{source} {}

  [[nodiscard]] std::optional<std::uint64_t> allocate_table() const noexcept { return allocate_(source_); }
  [[nodiscard]] std::uint64_t read_entry(std::uint64_t table, unsigned index) const noexcept {
    return std::atomic_ref{entries(table)[index]}.load(std::memory_order_relaxed);
  }
  // Release: the walk that follows this entry to a new table must find that table's entries, zeroed and filled
  // before.
  void write_entry(std::uint64_t table, unsigned index, std::uint64_t raw) const noexcept {
    std::atomic_ref{entries(table)[index]}.store(raw, std::memory_order_release);
  }

 private:
  [[nodiscard]] static std::uint64_t* entries(std::uint64_t table) noexcept {
    return reinterpret_cast<std::uint64_t*>(table);
  }

  Allocate allocate_;
  void* source_;
};

// Compiled in early_tables.cpp, to run with the MMU off as well as on.
extern template class Page_table<Image_table_memory>;
using Image_table = Page_table<Image_table_memory>;

}  // namespace enlighten::arch
