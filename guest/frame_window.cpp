// SPDX-License-Identifier: MIT
// Finds rows of addresses that nobody uses.
#include <guest/frame_window.hpp>

#include <algorithm>

#include <abi/frame.hpp>

namespace enlighten::guest {

Frame_window::Frame_window(Page_source& pages, Memory_range range) noexcept
    : source_{&pages},
      base_{(range.base + abi::page_size - 1) / abi::page_size * abi::page_size},
      count_{range.size < base_ - range.base
                 ? 0
                 : static_cast<std::uint32_t>(std::min<std::uint64_t>(
                       (range.size - (base_ - range.base)) / abi::page_size, most_pages))} {}

void Frame_window::mark(std::uint32_t first, std::uint32_t pages, bool taken) noexcept {
  for (std::uint32_t page = first; page < first + pages; ++page) {
    const std::uint64_t bit = std::uint64_t{1} << page % 64;
    bits_[page / 64] = taken ? bits_[page / 64] | bit : bits_[page / 64] & ~bit;
  }
}

Result<> Frame_window::make_words(std::uint32_t first, std::uint32_t pages) noexcept {
  for (std::uint32_t index = first / words_per_page; index <= (first + pages - 1) / words_per_page; ++index) {
    if (words_[index] == nullptr) {
      words_[index] = static_cast<std::uint32_t*>(source_->page());
    }
    if (words_[index] == nullptr) {
      const std::uint64_t address = base_ + first * abi::page_size;
      return Error::make(Error_kind::out_of_memory, "frames: no page for what is known of the pages at %#llx",
                         static_cast<unsigned long long>(address));
    }
  }
  return {};
}

Result<std::uint64_t> Frame_window::take(std::uint32_t pages) noexcept {
  const Spin_guard guard{lock_};
  if (bits_ == nullptr) {
    bits_ = static_cast<std::uint64_t*>(source_->page());
  }
  if (bits_ == nullptr) {
    return Error::make(Error_kind::out_of_memory, "frames: no page for the list of free addresses");
  }
  // From `next_` to the end, then from the start; a row does not go over the end.
  std::uint32_t row = 0;
  std::uint32_t page = next_;
  for (std::uint32_t looked_at = 0; pages != 0 && looked_at < count_ + pages; ++looked_at) {
    if (page >= count_) {
      page = 0;
      row = 0;
    }
    row = is_free(page++) ? row + 1 : 0;
    if (row == pages) {
      const std::uint32_t first = page - pages;
      ENLIGHTEN_TRY(make_words(first, pages));
      mark(first, pages, true);
      next_ = page;
      return base_ + first * abi::page_size;
    }
  }
  return Error::make(Error_kind::exhausted,
                     "frames: no %u of the %u addresses for pages of others in a row are free",
                     static_cast<unsigned>(pages), static_cast<unsigned>(count_));
}

void Frame_window::give_back(std::uint64_t address, std::uint32_t pages) noexcept {
  const Spin_guard guard{lock_};
  mark(static_cast<std::uint32_t>((address - base_) / abi::page_size), pages, false);
}

std::uint32_t& Frame_window::word(std::uint64_t address) const noexcept {
  const auto page = static_cast<std::uint32_t>((address - base_) / abi::page_size);
  return words_[page / words_per_page][page % words_per_page];
}

}  // namespace enlighten::guest
