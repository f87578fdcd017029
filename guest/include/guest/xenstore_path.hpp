// SPDX-License-Identifier: MIT
// Names of nodes in xenstore: bounded, and checked before xenstored sees them ([xen] misc/xenstore.txt).
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <base/ids.hpp>
#include <base/result.hpp>

namespace enlighten::guest {

// The node's own text, held in place: Xenstore_path{"/local/domain"} / 0 / "name". What begins without a slash is
// relative to the domain's own directory, own_domain / "device" / "vif" / 0. One that begins with @ is none of a
// node's but a special event's, for watches.
//
// A path that cannot be is made all the same, and says so when it is asked for: whoever sends one need not check
// each part.
class Xenstore_path {
 public:
  // Shorter than xenstored allows (abi::xenstore_abs_path_max), since coroutines hold paths by value.
  static constexpr std::size_t capacity = 254;

  // Of the domain's own directory, which has no relative name of its own: to be gone on from.
  constexpr Xenstore_path() noexcept = default;
  constexpr Xenstore_path(std::string_view path) noexcept { assign(path); }
  constexpr Xenstore_path(const char* path) noexcept { assign(path); }

  // One component, or several with slashes between them.
  [[nodiscard]] friend constexpr Xenstore_path operator/(Xenstore_path path, std::string_view below) noexcept {
    path.descend(below);
    return path;
  }
  [[nodiscard]] friend constexpr Xenstore_path operator/(Xenstore_path path, const char* below) noexcept {
    return path / std::string_view{below};
  }
  // In decimal.
  template <std::unsigned_integral Number>
  [[nodiscard]] friend constexpr Xenstore_path operator/(Xenstore_path path, Number below) noexcept {
    path.descend(below);
    return path;
  }
  [[nodiscard]] friend constexpr Xenstore_path operator/(Xenstore_path path, int below) noexcept {
    if (below < 0) {
      path.fail(Problem::character);
    } else {
      path.descend(static_cast<std::uint64_t>(below));
    }
    return path;
  }
  template <typename Tag, std::unsigned_integral Representation>
  [[nodiscard]] friend constexpr Xenstore_path operator/(Xenstore_path path,
                                                         Identity<Tag, Representation> below) noexcept {
    path.descend(below.value());
    return path;
  }

  // As far as it goes, if it cannot be.
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text_.data(), length_}; }
  [[nodiscard]] constexpr bool is_valid() const noexcept { return problem_ == Problem::none && length_ != 0; }
  // What is wrong with it.
  [[nodiscard]] Result<> check() const noexcept;

  [[nodiscard]] friend constexpr bool operator==(const Xenstore_path& one, const Xenstore_path& other) noexcept {
    return one.view() == other.view() && one.problem_ == other.problem_;
  }

 private:
  enum class Problem : std::uint8_t { none, length, character, slash };

  // Letters, digits and - _ @.
  [[nodiscard]] static constexpr bool is_allowed(char character) noexcept {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '-' || character == '_' || character == '@';
  }

  constexpr void fail(Problem problem) noexcept {
    if (problem_ == Problem::none) {
      problem_ = problem;
    }
  }

  constexpr void add(char character) noexcept {
    if (length_ == capacity) {
      fail(Problem::length);
    } else {
      text_[length_++] = character;
    }
  }

  constexpr void add_components(std::string_view text) noexcept {
    char last = '/';
    for (const char character : text) {
      if (character == '/') {
        if (last == '/') {
          fail(Problem::slash);
        }
      } else if (!is_allowed(character)) {
        fail(Problem::character);
      }
      // What is wrong is not shown beyond the place where it is.
      if (problem_ != Problem::none) {
        return;
      }
      add(character);
      last = character;
    }
    if (last == '/') {
      fail(Problem::slash);
    }
  }

  constexpr void assign(std::string_view path) noexcept {
    if (path == "/") {
      add('/');
      return;
    }
    if (path.starts_with('/')) {
      add('/');
      path.remove_prefix(1);
    }
    add_components(path);
  }

  constexpr void descend(std::string_view below) noexcept {
    if (problem_ == Problem::none && length_ != 0 && view() != "/") {
      add('/');
    }
    if (problem_ == Problem::none) {
      add_components(below);
    }
  }

  constexpr void descend(std::uint64_t below) noexcept {
    std::array<char, 20> digits{};
    std::size_t at = digits.size();
    do {
      digits[--at] = static_cast<char>('0' + below % 10);
      below /= 10;
    } while (below != 0);
    descend(std::string_view{digits.data() + at, digits.size() - at});
  }

  std::array<char, capacity> text_{};
  std::uint8_t length_ = 0;
  Problem problem_ = Problem::none;
};

inline constexpr Xenstore_path own_domain;

// Where a domain's nodes are, own_domain / "name" by its whole name.
[[nodiscard]] constexpr Xenstore_path domain_directory(Domain_id domain) noexcept {
  return Xenstore_path{"/local/domain"} / domain;
}

// For watches: some domain was introduced to xenstored; some domain has crashed, been shut down, or is gone.
inline constexpr Xenstore_path introduce_domain_event{"@introduceDomain"};
inline constexpr Xenstore_path release_domain_event{"@releaseDomain"};

}  // namespace enlighten::guest
