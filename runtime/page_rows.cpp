// SPDX-License-Identifier: MIT
// Cuts rows of free pages, and joins what comes back.
#include <runtime/page_rows.hpp>

#include <cstring>
#include <new>

#include <abi/frame.hpp>

namespace enlighten::runtime {

std::uintptr_t Page_rows::Row::end() const noexcept {
  return start() + pages * abi::page_size;
}

void* Page_rows::take_free(std::uint32_t pages) noexcept {
  const guest::Spin_guard guard{lock_};
  for (Row** link = &first_; *link != nullptr; link = &(*link)->next) {
    Row& row = **link;
    if (row.pages == pages) {
      *link = row.next;
      return &row;
    }
    // From the end, so that what is known of the row stays where it is.
    if (row.pages > pages) {
      row.pages -= pages;
      return reinterpret_cast<void*>(row.end());
    }
  }
  return nullptr;
}

void* Page_rows::take_again(std::uint32_t pages) noexcept {
  void* const free = take_free(pages);
  return free == nullptr ? nullptr : std::memset(free, 0, pages * abi::page_size);
}

void* Page_rows::take(std::uint32_t pages) noexcept {
  if (void* const free = take_again(pages)) {
    return free;
  }
  const std::optional<std::uint64_t> fresh = more_(pages);
  return fresh ? reinterpret_cast<void*>(*fresh) : nullptr;
}

void Page_rows::give_back(void* page) noexcept {
  const guest::Spin_guard guard{lock_};
  Row* before = nullptr;
  Row** link = &first_;
  while (*link != nullptr && (*link)->start() < reinterpret_cast<std::uintptr_t>(page)) {
    before = *link;
    link = &before->next;
  }
  Row* row = new (page) Row{*link, 1};
  *link = row;
  if (before != nullptr && before->end() == row->start()) {
    ++before->pages;
    before->next = row->next;
    row = before;
  }
  if (row->next != nullptr && row->end() == row->next->start()) {
    row->pages += row->next->pages;
    row->next = row->next->next;
  }
}

}  // namespace enlighten::runtime
