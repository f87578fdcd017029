// SPDX-License-Identifier: MIT
// What a call must answer: one number, or one for each stretch of Xen's releases.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <abi/errno.hpp>

namespace enlighten::conformance {

// As XENVER_version tells it; a development branch calls itself by the release to come.
struct Release {
  std::uint32_t major;
  std::uint32_t minor;

  friend constexpr auto operator<=>(Release, Release) noexcept = default;
};

// Expected{-Errno::einval}.since(4, 18, -Errno::ebusy)
class Expected {
 public:
  // Not explicit: most answers are the same on every release.
  template <typename Number>
    requires(std::is_integral_v<Number>)
  constexpr Expected(Number always) noexcept : first_{static_cast<std::int64_t>(always)} {}

  // From that release on; the calls go from old to new.
  [[nodiscard]] constexpr Expected since(std::uint32_t major, std::uint32_t minor,
                                         std::int64_t value) const noexcept {
    Expected longer = *this;
    longer.changes_[longer.count_++] = {{major, minor}, value};
    return longer;
  }

  [[nodiscard]] constexpr std::int64_t on(Release release) const noexcept {
    std::int64_t value = first_;
    for (std::size_t index = 0; index < count_; ++index) {
      if (release >= changes_[index].from) {
        value = changes_[index].value;
      }
    }
    return value;
  }

 private:
  struct Change {
    Release from{};
    std::int64_t value = 0;
  };

  std::int64_t first_;
  std::array<Change, 2> changes_{};
  std::size_t count_ = 0;
};

// A refusal as a hypercall returns it: -Errno::einval.
[[nodiscard]] constexpr std::int64_t operator-(abi::Errno number) noexcept {
  return -static_cast<std::int64_t>(number);
}

// The number behind a name of Xen's or the firmware's.
template <typename Name>
  requires(std::is_enum_v<Name>)
[[nodiscard]] constexpr std::int64_t number(Name name) noexcept {
  return static_cast<std::int64_t>(name);
}

}  // namespace enlighten::conformance
