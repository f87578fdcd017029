// SPDX-License-Identifier: MIT
// The bytes of the emulated serial port made into whole lines, each with who wrote it.
#include <runner/console.hpp>

#include <charconv>
#include <optional>
#include <utility>

#include <report/record.hpp>

namespace enlighten::runner {
namespace {

constexpr std::size_t cut_of_one_write = 254;
constexpr std::size_t cut_of_single_characters = 199;
constexpr std::string_view xen_prefix = "(XEN) ";

struct Domain_prefix {
  unsigned domain;
  std::size_t length;
};

// "(dN) "
std::optional<Domain_prefix> domain_prefix(std::string_view line) {
  if (!line.starts_with("(d")) {
    return std::nullopt;
  }
  unsigned domain = 0;
  const char* const end = line.data() + line.size();
  const auto [rest, error] = std::from_chars(line.data() + 2, end, domain);
  if (error != std::errc{} || end - rest < 2 || rest[0] != ')' || rest[1] != ' ') {
    return std::nullopt;
  }
  return Domain_prefix{domain, static_cast<std::size_t>(rest - line.data()) + 2};
}

}  // namespace

std::vector<Console_line> Console::feed(std::string_view bytes) {
  std::vector<Console_line> lines;
  for (const char one : bytes) {
    if (one == '\n') {
      take_line(std::exchange(unfinished_, {}), lines);
    } else if (one != '\r' && one != '\0') {
      unfinished_ += one;
    }
  }
  return lines;
}

std::vector<Console_line> Console::finish() {
  std::vector<Console_line> lines;
  if (!unfinished_.empty()) {
    take_line(std::exchange(unfinished_, {}), lines);
  }
  for (auto& [domain, guest] : guests_) {
    if (!guest.beginning.empty()) {
      lines.push_back({Writer::guest, domain, std::exchange(guest.beginning, {})});
    }
  }
  return lines;
}

bool Console::Guest::cuts_at(std::size_t length) noexcept {
  writes_lines = writes_lines || length > cut_of_single_characters;
  return length == cut_of_one_write || (length == cut_of_single_characters && !writes_lines);
}

void Console::take_line(std::string_view raw, std::vector<Console_line>& lines) {
  if (beneath_ == Beneath::nothing) {
    lines.push_back({Writer::guest, 0, std::string{raw}});
  } else if (const auto prefix = domain_prefix(raw)) {
    take_guest_line(prefix->domain, raw.substr(prefix->length), lines);
  } else {
    const bool marked = raw.starts_with(xen_prefix);
    lines.push_back({Writer::machine, 0, std::string{marked ? raw.substr(xen_prefix.size()) : raw}});
  }
}

void Console::take_guest_line(unsigned domain, std::string_view text, std::vector<Console_line>& lines) {
  Guest& guest = guests_[domain];
  if (!guest.beginning.empty() && text.starts_with(report::record_prefix)) {
    lines.push_back({Writer::guest, domain, std::exchange(guest.beginning, {})});
  }
  guest.beginning += text;
  if (!guest.cuts_at(text.size())) {
    lines.push_back({Writer::guest, domain, std::exchange(guest.beginning, {})});
  }
}

}  // namespace enlighten::runner
