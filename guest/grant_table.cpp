// SPDX-License-Identifier: MIT
// Hands out grant references with pages behind them, and takes both back when the peer is done with them.
#include <guest/grant_table.hpp>

#include <optional>

namespace enlighten::guest {
namespace {

constexpr std::uint64_t most_frame_number = 0xffff'ffff;

}  // namespace

Result<Granted_page> Grant_table::grant_page(Domain_id to, Frame_access access) noexcept {
  return Granted_page{ENLIGHTEN_TRY(grant_range(to, access, 1))};
}

Result<Granted_range> Grant_table::grant_range(Domain_id to, Frame_access access, std::uint32_t pages) noexcept {
  if (pages == 0 || pages > Granted_range::most_pages) {
    return Error::make(Error_kind::argument, "grants: %u pages in a row are not 1 to %u",
                       static_cast<unsigned>(pages), static_cast<unsigned>(Granted_range::most_pages));
  }
  const Grant_ref first = ENLIGHTEN_TRY(allocate_chain(pages));
  auto* const memory = static_cast<std::byte*>(take_pages(pages));
  // An entry has 32 bits for a frame.
  if (memory == nullptr || gfn_of_object(memory + (pages - 1) * abi::page_size).value() > most_frame_number) {
    free_chain(first);
    for (std::uint32_t page = 0; memory != nullptr && page < pages; ++page) {
      pool_->give_back(memory + page * abi::page_size);
    }
    return Error::make(Error_kind::out_of_memory, "grants: no %u pages in a row to grant to domain %u",
                       static_cast<unsigned>(pages), static_cast<unsigned>(to.value()));
  }
  Grant_ref ref = first;
  for (std::uint32_t page = 0; page < pages; ++page) {
    entry(ref).publish(to, gfn_of_object(memory + page * abi::page_size), access);
    ref = Grant_ref{frames_.next(ref)};
  }
  return Granted_range{*this, std::span{memory, pages * abi::page_size}, first};
}

void* Grant_table::take_pages(std::uint32_t count) noexcept {
  void* const memory = pool_->take(count);
  return memory == nullptr && retry_deferred() != 0 ? pool_->take(count) : memory;
}

Result<Grant_ref> Grant_table::allocate() noexcept {
  for (;;) {
    if (const std::optional<Grant_ref> ref = free_.pop(frames_)) {
      return *ref;
    }
    // Each turn but the last has made references free. Others may take them all first, who then have them: that
    // ends with the table's last one.
    if (retry_deferred() == 0) {
      ENLIGHTEN_TRY(grow());
    }
  }
}

Result<Grant_ref> Grant_table::allocate_chain(std::uint32_t count) noexcept {
  const Grant_ref last = ENLIGHTEN_TRY(allocate());
  frames_.set_next(last, 0);
  Grant_ref first = last;
  for (std::uint32_t have = 1; have < count; ++have) {
    const Result<Grant_ref> next = allocate();
    if (!next) {
      free_chain(first);
      return next.error();
    }
    frames_.set_next(*next, first.value());
    first = *next;
  }
  return first;
}

void Grant_table::free_chain(Grant_ref first) noexcept {
  Grant_ref last = first;
  while (const std::uint32_t next = frames_.next(last)) {
    last = Grant_ref{next};
  }
  free_.push_chain(frames_, first, last);
}

Result<> Grant_table::grow() noexcept {
  const Spin_guard guard{growing_};
  // Whoever had the lock before may have brought some.
  if (const std::optional<Grant_ref> ref = free_.pop(frames_)) {
    free_.push(frames_, *ref);
    return {};
  }
  const std::uint32_t start = ENLIGHTEN_TRY(frames_.grow()).value();
  // The first few of all are the toolstack's.
  const std::uint32_t first = start == 0 ? abi::grant_reserved_entries : start;
  const std::uint32_t last = start + abi::grant_entries_per_frame - 1;
  for (std::uint32_t ref = first; ref < last; ++ref) {
    frames_.set_next(Grant_ref{ref}, ref + 1);
  }
  free_.push_chain(frames_, Grant_ref{first}, Grant_ref{last});
  return {};
}

Grant_end Grant_table::give_up(Grant_ref ref) noexcept {
  Grant_entry<Shared_words> words = entry(ref);
  // Ours alone to write, but read before the reference is somebody else's.
  const abi::Gfn frame = words.frame();
  if (words.end() == Grant_end::in_use) {
    deferred_.fetch_add(1, std::memory_order_relaxed);
    in_use_.push(frames_, ref);
    return Grant_end::in_use;
  }
  pool_->give_back(reinterpret_cast<void*>(abi::address_of(frame)));
  free_.push(frames_, ref);
  return Grant_end::ended;
}

std::uint32_t Grant_table::retry_deferred() noexcept {
  std::uint32_t ended = 0;
  std::uint32_t ref = in_use_.pop_all().value_or(Grant_ref{0}).value();
  while (ref != 0) {
    // Read first: with give_up() the link is another list's.
    const std::uint32_t next = frames_.next(Grant_ref{ref});
    deferred_.fetch_sub(1, std::memory_order_relaxed);
    ended += give_up(Grant_ref{ref}) == Grant_end::ended ? 1U : 0U;
    ref = next;
  }
  return ended;
}

Granted_range& Granted_range::operator=(Granted_range&& other) noexcept {
  if (this != &other) {
    static_cast<void>(end());
    table_ = std::exchange(other.table_, nullptr);
    bytes_ = std::exchange(other.bytes_, {});
    first_ = std::exchange(other.first_, Grant_ref{0});
  }
  return *this;
}

std::uint32_t Granted_range::pages() const noexcept {
  return static_cast<std::uint32_t>(bytes_.size() / abi::page_size);
}

Grant_ref Granted_range::ref(std::uint32_t index) const noexcept {
  Grant_ref ref = first_;
  for (std::uint32_t step = 0; table_ != nullptr && step < index && ref.value() != 0; ++step) {
    ref = Grant_ref{table_->frames_.next(ref)};
  }
  return ref;
}

Grants_ended Granted_range::end() noexcept {
  Grants_ended outcome;
  if (Grant_table* const table = std::exchange(table_, nullptr); table != nullptr) {
    std::uint32_t ref = std::exchange(first_, Grant_ref{0}).value();
    bytes_ = {};
    while (ref != 0) {
      const std::uint32_t next = table->frames_.next(Grant_ref{ref});
      ++(table->give_up(Grant_ref{ref}) == Grant_end::ended ? outcome.free : outcome.deferred);
      ref = next;
    }
  }
  return outcome;
}

}  // namespace enlighten::guest
