// SPDX-License-Identifier: MIT
// The memory of the domain's grant table: which of its frames Xen has put where, and a word of ours for each entry.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include <abi/grant_table.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>
#include <guest/frame_mapper.hpp>
#include <guest/grant_entry.hpp>
#include <guest/hypercalls.hpp>
#include <guest/machine.hpp>
#include <guest/page_source.hpp>

namespace enlighten::guest {

// Grows frame by frame, never shrinks: Xen takes no frame back. Whoever grows it holds off others who would; the
// rest is for anybody.
class Grant_frames {
 public:
  // `region` is where frames are put, as the hypervisor node says; where it is used up, or empty, pages of RAM make
  // room, which are given back to Xen for it.
  Grant_frames(const Hypercalls& xen, Page_source& pages, Frame_mapper& mapper, Memory_range region) noexcept
      : xen_{&xen}, pages_{&pages}, mapper_{&mapper}, region_{region} {}

  // Another frame; the first of its references, abi::grant_entries_per_frame of them in a row. An error of kind
  // `exhausted` if the domain may have no more ([xen] gnttab_max_frames).
  [[nodiscard]] Result<Grant_ref> grow() noexcept;

  // Of a reference below count(), which one gets from grow() alone.
  [[nodiscard]] Grant_entry_words& entry(Grant_ref ref) const noexcept {
    return record(ref).entries[ref.value() % abi::grant_entries_per_frame];
  }
  // Of the same: a word by which its owner links it to another reference, 0 for none.
  [[nodiscard]] std::uint32_t& link(Grant_ref ref) const noexcept {
    return record(ref).links[ref.value() % abi::grant_entries_per_frame];
  }
  // The owner's use of it. Relaxed: it is the owner's alone, but for a look of others at what they no longer own,
  // see Grant_ref_list.
  [[nodiscard]] std::uint32_t next(Grant_ref ref) const noexcept {
    return std::atomic_ref{link(ref)}.load(std::memory_order_relaxed);
  }
  void set_next(Grant_ref ref, std::uint32_t next) const noexcept {
    std::atomic_ref{link(ref)}.store(next, std::memory_order_relaxed);
  }

  // Entries so far.
  [[nodiscard]] std::uint32_t count() const noexcept {
    return frames_.load(std::memory_order_relaxed) * abi::grant_entries_per_frame;
  }

 private:
  struct Frame {
    Grant_entry_words* entries;
    std::uint32_t* links;
  };
  static constexpr std::uint32_t most_frames = abi::page_size / sizeof(Frame);
  static constexpr std::uint32_t links_per_page = abi::page_size / sizeof(std::uint32_t);

  // Relaxed: who holds a reference has it from whoever grew the table, or from a list whose orders hand on what
  // that one wrote.
  [[nodiscard]] const Frame& record(Grant_ref ref) const noexcept {
    return directory_.load(std::memory_order_relaxed)[ref.value() / abi::grant_entries_per_frame];
  }

  [[nodiscard]] Result<> begin() noexcept;
  [[nodiscard]] Result<std::uint32_t*> links_of(std::uint32_t frame) noexcept;
  [[nodiscard]] Result<std::uint64_t> make_room(std::uint32_t frame) noexcept;

  const Hypercalls* xen_;
  Page_source* pages_;
  Frame_mapper* mapper_;
  Memory_range region_;
  std::uint32_t limit_ = 0;
  std::atomic<Frame*> directory_{nullptr};
  std::atomic<std::uint32_t> frames_{0};
  // Pages taken for a frame that Xen then refused: for the next attempt.
  std::uint32_t* spare_links_ = nullptr;
  std::optional<std::uint64_t> spare_room_;
};

}  // namespace enlighten::guest
