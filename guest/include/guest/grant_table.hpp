// SPDX-License-Identifier: MIT
// Lets other domains at pages of ours: grant tables of version 1, the only one on Arm ([xen] grant_table.h).
#pragma once

#include <atomic>
#include <cstdint>

#include <base/ids.hpp>
#include <base/result.hpp>
#include <guest/grant_frames.hpp>
#include <guest/grant_ref_list.hpp>
#include <guest/granted.hpp>
#include <guest/page_pool.hpp>
#include <guest/shared_words.hpp>
#include <guest/spin_lock.hpp>

namespace enlighten::guest {

// One per domain; everything may be called on any vCPU. No lock is taken but to grow the table. Xen maps its frames
// for whoever asks first: a domain whose firmware has mapped them and left them so gets EBUSY.
class Grant_table {
 public:
  // `pages` for what is never given back, `pool` for the pages that are granted; `region` as in Grant_frames.
  Grant_table(const Hypercalls& xen, Page_source& pages, Page_pool& pool, Frame_mapper& mapper,
              Memory_range region) noexcept
      : frames_{xen, pages, mapper, region}, pool_{&pool} {}
  Grant_table(const Grant_table&) = delete;
  Grant_table& operator=(const Grant_table&) = delete;

  // Pages of zeroes that `to` may map or copy from now on. An error of kind `exhausted` when there are no more
  // references, `out_of_memory` when there are no more pages.
  [[nodiscard]] Result<Granted_page> grant_page(Domain_id to, Frame_access access) noexcept;
  // A row of them, at most Granted_range::most_pages; each is a grant of its own.
  [[nodiscard]] Result<Granted_range> grant_range(Domain_id to, Frame_access access, std::uint32_t pages) noexcept;

  // Pages that their owner has given up while the peer had them mapped, each kept with its reference until the peer
  // lets go, which nobody tells. Those are looked at again whenever references or pages run out, and here; returns
  // how many came back.
  std::uint32_t retry_deferred() noexcept;
  [[nodiscard]] std::uint32_t deferred() const noexcept { return deferred_.load(std::memory_order_relaxed); }

 private:
  friend class Granted_range;

  [[nodiscard]] Result<Grant_ref> allocate() noexcept;
  // The first of so many, linked.
  [[nodiscard]] Result<Grant_ref> allocate_chain(std::uint32_t count) noexcept;
  [[nodiscard]] Result<> grow() noexcept;
  [[nodiscard]] void* take_pages(std::uint32_t count) noexcept;
  [[nodiscard]] Grant_entry<Shared_words> entry(Grant_ref ref) const noexcept {
    return Grant_entry<Shared_words>{frames_.entry(ref)};
  }
  // Reference and page go back to where they came from, or both to the deferred ones.
  [[nodiscard]] Grant_end give_up(Grant_ref ref) noexcept;
  void free_chain(Grant_ref first) noexcept;

  Grant_frames frames_;
  Page_pool* pool_;
  Grant_ref_list<Shared_words> free_;
  Grant_ref_list<Shared_words> in_use_;  // the deferred ones
  std::atomic<std::uint32_t> deferred_{0};
  Spin_lock growing_;
};

}  // namespace enlighten::guest
