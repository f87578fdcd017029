// SPDX-License-Identifier: MIT
// Memory given back to Xen for a time: which pages those are, and having them again.
#pragma once

#include <cstdint>

#include <abi/frame.hpp>
#include <base/result.hpp>
#include <guest/hypercalls.hpp>
#include <guest/page_pool.hpp>

namespace enlighten::guest {

// Only pages that the pool hands out are given: none that is in use, or that Xen or another domain refers to. They
// stay mapped at stage 1, where nobody has a reason to touch them; whoever does meets a hole. What caches still
// hold of them is cleaned by Xen before anybody else gets them ([xen] common/page_alloc.c, flush_page_to_ram).
//
// For one caller at a time. A list of what was given is kept in pages of the pool, one for 510 of them.
class Balloon {
 public:
  Balloon(const Hypercalls& xen, Page_pool& pool) noexcept : xen_{&xen}, pool_{&pool} {}

  // How many pages Xen has.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  // Until Xen has so many. As near as it gets: the error says what it stopped at, and what is done stays done.
  [[nodiscard]] Result<> resize(std::uint64_t wanted) noexcept;

 private:
  // A page that lists pages which are gone.
  struct Ledger {
    static constexpr std::uint32_t most = 510;

    Ledger* next;
    std::uint64_t count;
    abi::Gfn frames[most];
  };
  static_assert(sizeof(Ledger) == abi::page_size);

  [[nodiscard]] Result<> give(std::uint64_t pages) noexcept;
  [[nodiscard]] Result<> take_back(std::uint64_t pages) noexcept;
  [[nodiscard]] Result<> open_ledger() noexcept;

  const Hypercalls* xen_;
  Page_pool* pool_;
  Ledger* ledger_ = nullptr;  // the latest, and the only one that may not be full
  std::uint64_t size_ = 0;
};

}  // namespace enlighten::guest
