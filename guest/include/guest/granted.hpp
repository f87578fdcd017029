// SPDX-License-Identifier: MIT
// Pages that another domain may use for as long as these objects live.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <base/ids.hpp>
#include <guest/grant_entry.hpp>

namespace enlighten::guest {

class Grant_table;

// What of a row of granted pages has come to an end.
struct Grants_ended {
  std::uint32_t free = 0;      // pages that are nobody's any more
  std::uint32_t deferred = 0;  // pages the peer still has mapped: see Grant_table::retry_deferred()
};

// Pages in a row, each under a reference of its own. Memory that the peer may write is the peer's: copy it once,
// check the copy, use the copy. The table must outlive it.
class Granted_range {
 public:
  static constexpr std::uint32_t most_pages = 256;

  constexpr Granted_range() noexcept = default;
  Granted_range(Granted_range&& other) noexcept
      : table_{std::exchange(other.table_, nullptr)},
        bytes_{std::exchange(other.bytes_, {})},
        first_{std::exchange(other.first_, Grant_ref{0})} {}
  Granted_range& operator=(Granted_range&& other) noexcept;
  ~Granted_range() { static_cast<void>(end()); }

  [[nodiscard]] explicit operator bool() const noexcept { return table_ != nullptr; }
  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint32_t pages() const noexcept;
  // What the peer is to be told of the page `index`, counted from 0. Steps through the references before it.
  [[nodiscard]] Grant_ref ref(std::uint32_t index) const noexcept;

  // Pages that the peer has mapped are not taken from it: they are kept aside, with their references, and are
  // neither used nor granted anew until it has let go. Of any other page it can make no mapping from here on.
  Grants_ended end() noexcept;

 private:
  friend class Grant_table;
  Granted_range(Grant_table& table, std::span<std::byte> bytes, Grant_ref first) noexcept
      : table_{&table}, bytes_{bytes}, first_{first} {}

  Grant_table* table_ = nullptr;
  std::span<std::byte> bytes_;
  Grant_ref first_{0};
};

class Granted_page {
 public:
  constexpr Granted_page() noexcept = default;

  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(range_); }
  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return range_.bytes(); }
  [[nodiscard]] Grant_ref ref() const noexcept { return range_.ref(0); }

  // As of a row.
  Grant_end end() noexcept { return range_.end().deferred == 0 ? Grant_end::ended : Grant_end::in_use; }

 private:
  friend class Grant_table;
  explicit Granted_page(Granted_range range) noexcept : range_{std::move(range)} {}

  Granted_range range_;
};

}  // namespace enlighten::guest
