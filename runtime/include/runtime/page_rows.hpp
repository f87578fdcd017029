// SPDX-License-Identifier: MIT
// Pages that are lent out and come back: rows of them, in order, in the free pages themselves.
#pragma once

#include <cstdint>
#include <optional>

#include <guest/page_pool.hpp>
#include <guest/spin_lock.hpp>

namespace enlighten::runtime {

// First fit; neighbours become one row again. A page that comes back takes as many steps as there are free rows,
// which are few where rows are of like sizes.
class Page_rows final : public guest::Page_pool {
 public:
  // The address of so many zeroed pages in a row that were never handed out; empty when there are no more.
  using More = std::optional<std::uint64_t> (*)(std::uint64_t pages) noexcept;

  constexpr explicit Page_rows(More more) noexcept : more_{more} {}

  [[nodiscard]] void* take(std::uint32_t pages) noexcept override;
  void give_back(void* page) noexcept override;
  // As take(), of those alone that have come back.
  [[nodiscard]] void* take_again(std::uint32_t pages) noexcept;

 private:
  struct Row {
    Row* next;  // at a higher address
    std::uint64_t pages;

    [[nodiscard]] std::uintptr_t start() const noexcept { return reinterpret_cast<std::uintptr_t>(this); }
    [[nodiscard]] std::uintptr_t end() const noexcept;
  };

  [[nodiscard]] void* take_free(std::uint32_t pages) noexcept;

  More more_;
  Row* first_ = nullptr;
  guest::Spin_lock lock_;
};

// The image's: what grants lend, and what a balloon gives.
[[nodiscard]] Page_rows& page_rows() noexcept;

}  // namespace enlighten::runtime
