// SPDX-License-Identifier: MIT
// Questions that can be asked of a run.
#include <report_host/run.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace enlighten::report {

std::optional<std::string_view> Record::text(std::string_view key) const {
  for (const auto& [name, value] : pairs) {
    if (name == key) {
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> Record::integer(std::string_view key) const {
  const std::optional<std::string_view> found = text(key);
  if (!found) {
    return std::nullopt;
  }
  const bool hexadecimal = found->starts_with("0x");
  const std::string_view digits = hexadecimal ? found->substr(2) : *found;
  const char* const end = digits.data() + digits.size();
  if (hexadecimal) {
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), end, value, 16);
    return error == std::errc{} && stop == end ? std::optional{static_cast<std::int64_t>(value)} : std::nullopt;
  }
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), end, value, 10);
  return error == std::errc{} && stop == end ? std::optional{value} : std::nullopt;
}

std::string_view name(Outcome outcome) {
  constexpr std::array<std::string_view, 3> names{"passed", "failed", "skipped"};
  return names.at(static_cast<std::size_t>(outcome));
}

std::string_view name(Domain_ending ending) {
  constexpr std::array<std::string_view, 4> names{"unknown", "shut_down", "crashed", "refused"};
  return names.at(static_cast<std::size_t>(ending));
}

std::string_view name(Machine_ending ending) {
  constexpr std::array<std::string_view, 6> names{"stopped",   "timed_out",    "interrupted",
                                                  "qemu_died", "xen_panicked", "not_started"};
  return names.at(static_cast<std::size_t>(ending));
}

std::size_t Tests::count(Outcome outcome) const {
  return static_cast<std::size_t>(std::ranges::count(cases, outcome, &Test::outcome));
}

}  // namespace enlighten::report
