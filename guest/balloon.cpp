// SPDX-License-Identifier: MIT
// Gives pages to Xen and asks for them again, a ledger page at a time.
#include <guest/balloon.hpp>

#include <algorithm>
#include <span>

namespace enlighten::guest {
namespace {

[[nodiscard]] void* page_at(abi::Gfn frame) noexcept {
  return reinterpret_cast<void*>(abi::address_of(frame));
}

}  // namespace

Result<> Balloon::resize(std::uint64_t wanted) noexcept {
  return wanted > size_ ? give(wanted - size_) : take_back(size_ - wanted);
}

Result<> Balloon::open_ledger() noexcept {
  if (ledger_ != nullptr && ledger_->count < Ledger::most) {
    return {};
  }
  void* const page = pool_->take(1);
  if (page == nullptr) {
    return Error::make(Error_kind::out_of_memory, "balloon: no page is left to list more than %llu that Xen has",
                       static_cast<unsigned long long>(size_));
  }
  // Zeroed, and so without a frame in it.
  auto* const ledger = static_cast<Ledger*>(page);
  ledger->next = ledger_;
  ledger_ = ledger;
  return {};
}

Result<> Balloon::give(std::uint64_t pages) noexcept {
  while (pages != 0) {
    ENLIGHTEN_TRY(open_ledger());
    const std::span room = std::span{ledger_->frames}.subspan(ledger_->count);
    std::size_t count = 0;
    for (; count < std::min<std::uint64_t>(pages, room.size()); ++count) {
      void* const page = pool_->take(1);
      if (page == nullptr) {
        break;
      }
      room[count] = gfn_of_object(page);
    }
    const Result<std::uint64_t> answer = count == 0 ? 0 : xen_->decrease_reservation(room.first(count));
    const std::uint64_t given = answer.value_or(0);
    for (const abi::Gfn frame : room.first(count).subspan(given)) {
      pool_->give_back(page_at(frame));
    }
    ledger_->count += given;
    size_ += given;
    pages -= given;
    ENLIGHTEN_TRY(answer);
    if (given < count) {
      return Error::make(Error_kind::hypercall, "balloon: Xen took %llu pages of %zu, and has %llu",
                         static_cast<unsigned long long>(given), count, static_cast<unsigned long long>(size_));
    }
    if (count == 0) {
      return Error::make(Error_kind::out_of_memory,
                         "balloon: there are no more pages to give than %llu, %llu too few",
                         static_cast<unsigned long long>(size_), static_cast<unsigned long long>(pages));
    }
  }
  return {};
}

Result<> Balloon::take_back(std::uint64_t pages) noexcept {
  while (pages != 0) {
    // A ledger that nothing is listed in was opened for what could not be given.
    if (ledger_->count == 0) {
      void* const empty = ledger_;
      ledger_ = ledger_->next;
      pool_->give_back(empty);
      continue;
    }
    const std::span listed = std::span{ledger_->frames}.first(ledger_->count);
    const std::span wanted = listed.last(std::min<std::uint64_t>(pages, listed.size()));
    const std::uint64_t had = ENLIGHTEN_TRY(xen_->populate_physmap(wanted));
    for (const abi::Gfn frame : wanted.first(had)) {
      pool_->give_back(page_at(frame));
    }
    std::ranges::copy(wanted.subspan(had), wanted.begin());
    ledger_->count -= had;
    size_ -= had;
    pages -= had;
    if (had < wanted.size()) {
      return Error::make(Error_kind::hypercall, "balloon: Xen gave %llu pages of %zu, and still has %llu",
                         static_cast<unsigned long long>(had), wanted.size(),
                         static_cast<unsigned long long>(size_));
    }
  }
  return {};
}

}  // namespace enlighten::guest
