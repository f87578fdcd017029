// SPDX-License-Identifier: MIT
// Pages of another domain that stand in our memory for as long as these objects live.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <base/result.hpp>
#include <guest/frame_mapper.hpp>

namespace enlighten::guest {

class Grant_maps;

// In a row, in the order of their references. What stands there the granter may change at any time: copy it once,
// check the copy, use the copy. Whoever made it must outlive it.
class Mapped_range {
 public:
  constexpr Mapped_range() noexcept = default;
  Mapped_range(Mapped_range&& other) noexcept
      : maps_{std::exchange(other.maps_, nullptr)},
        bytes_{std::exchange(other.bytes_, {})},
        access_{other.access_} {}
  Mapped_range& operator=(Mapped_range&& other) noexcept;
  ~Mapped_range() { static_cast<void>(unmap()); }

  [[nodiscard]] explicit operator bool() const noexcept { return maps_ != nullptr; }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
  // Empty if it was mapped read-only.
  [[nodiscard]] std::span<std::byte> writable() const noexcept {
    return access_ == Frame_access::read_write ? bytes_ : std::span<std::byte>{};
  }

  // An error if a page could not be unmapped: it stays where it is, and its address is not used again.
  [[nodiscard]] Result<> unmap() noexcept;

 private:
  friend class Grant_maps;
  Mapped_range(Grant_maps& maps, std::span<std::byte> bytes, Frame_access access) noexcept
      : maps_{&maps}, bytes_{bytes}, access_{access} {}

  Grant_maps* maps_ = nullptr;
  std::span<std::byte> bytes_;
  Frame_access access_ = Frame_access::read_only;
};

class Mapped_page {
 public:
  constexpr Mapped_page() noexcept = default;

  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(range_); }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return range_.bytes(); }
  [[nodiscard]] std::span<std::byte> writable() const noexcept { return range_.writable(); }
  [[nodiscard]] Result<> unmap() noexcept { return range_.unmap(); }

 private:
  friend class Grant_maps;
  explicit Mapped_page(Mapped_range range) noexcept : range_{std::move(range)} {}

  Mapped_range range_;
};

}  // namespace enlighten::guest
