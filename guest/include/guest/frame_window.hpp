// SPDX-License-Identifier: MIT
// Guest-physical addresses at which nothing is, to put pages of others at: who uses which, and a word for each.
#pragma once

#include <array>
#include <cstdint>

#include <base/result.hpp>
#include <guest/machine.hpp>
#include <guest/page_source.hpp>
#include <guest/spin_lock.hpp>

namespace enlighten::guest {

// Everything may be called on any vCPU.
class Frame_window {
 public:
  // As many as one page of bits holds: 128 MiB of addresses.
  static constexpr std::uint32_t most_pages = 32768;

  // Of `range`, an extended region of the hypervisor node's or a part of one, its first most_pages whole pages.
  // What is known of them takes one page of the source's, and one more for each 1,024 of them that come into use.
  Frame_window(Page_source& pages, Memory_range range) noexcept;

  [[nodiscard]] std::uint32_t pages() const noexcept { return count_; }

  // The address of the first of `pages` in a row, which are the caller's. After a page was given back, it is the
  // others' turn first: what still goes to an old address should meet a hole.
  [[nodiscard]] Result<std::uint64_t> take(std::uint32_t pages) noexcept;
  void give_back(std::uint64_t address, std::uint32_t pages) noexcept;

  // A word for the owner of that page to keep something in.
  [[nodiscard]] std::uint32_t& word(std::uint64_t address) const noexcept;

 private:
  static constexpr std::uint32_t words_per_page = 1024;

  [[nodiscard]] bool is_free(std::uint32_t page) const noexcept { return (bits_[page / 64] >> page % 64 & 1) == 0; }
  void mark(std::uint32_t first, std::uint32_t pages, bool taken) noexcept;
  [[nodiscard]] Result<> make_words(std::uint32_t first, std::uint32_t pages) noexcept;

  Page_source* source_;
  std::uint64_t base_;
  std::uint32_t count_;
  std::uint32_t next_ = 0;  // where to look first
  std::uint64_t* bits_ = nullptr;
  std::array<std::uint32_t*, most_pages / words_per_page> words_{};
  Spin_lock lock_;
};

}  // namespace enlighten::guest
