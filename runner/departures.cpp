// SPDX-License-Identifier: MIT
// Where Xen departs from its own documents, as the conformance cases have found it: for who can change either.
#include <runner/departures.hpp>

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace enlighten::runner {
namespace {

constexpr std::string_view promise_mark = "Xen promises: ";
constexpr std::string_view departure_mark = "Xen departs from its documents: ";

// What follows `mark` in the line that begins with it, which is taken out.
std::optional<std::string> take(std::vector<std::string>& lines, std::string_view mark) {
  const auto line = std::ranges::find_if(lines, [&](const std::string& one) { return one.starts_with(mark); });
  if (line == lines.end()) {
    return std::nullopt;
  }
  std::string rest = line->substr(mark.size());
  lines.erase(line);
  return rest;
}

std::string fenced(std::string_view text) {
  return fmt::format("```\n{}\n```\n", text);
}

// Without the four spaces that make code of it in the page.
std::string without_indentation(std::string_view text) {
  constexpr std::string_view indentation = "    ";
  std::string result;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    result += line.starts_with(indentation) ? line.substr(indentation.size()) : line;
    result += text.empty() ? "" : "\n";
  }
  return result;
}

}  // namespace

std::vector<Departure> find_departures(std::span<const Case_result> results, std::span<const Page> pages) {
  std::vector<Departure> found;
  for (const Case_result& result : results) {
    Departure one{
        .name = result.name, .promise = {}, .departure = {}, .reproduce = {}, .text = {}, .values = result.values};
    const auto departure = take(one.values, departure_mark);
    if (!departure || std::ranges::find(found, result.name, &Departure::name) != found.end()) {
      continue;
    }
    one.departure = *departure;
    one.promise = take(one.values, promise_mark).value_or(std::string{});
    one.values.insert(one.values.end(), result.counts.begin(), result.counts.end());
    if (const auto page = std::ranges::find(pages, result.name, &Page::name); page != pages.end()) {
      one.text = page->text;
      one.reproduce = without_indentation(page->reproduce);
    }
    found.push_back(std::move(one));
  }
  return found;
}

std::string departures_summary(const std::vector<Departure>& departures) {
  std::string text;
  for (std::size_t index = 0; index < departures.size(); ++index) {
    const Departure& one = departures[index];
    text += fmt::format("{:>4}. {}\n      promised: {}\n      measured: {}\n", index + 1, one.name, one.promise,
                        one.departure);
  }
  return text;
}

std::string departures_document(const std::vector<Departure>& departures, const std::string& xen) {
  std::string text = fmt::format(
      "# Where Xen departs from its own documents\n\n"
      "Measured on Xen {} on Arm, 64 bits, in QEMU, by an ordinary domain that Xen has created at boot. The values "
      "are\n"
      "what was returned or read, in the order of the calls.\n",
      xen);
  for (std::size_t index = 0; index < departures.size(); ++index) {
    const Departure& one = departures[index];
    text += fmt::format("\n## {}. {}\n\n- **Promised**: {}\n- **Measured**: {}\n\n{}\n", index + 1, one.name,
                        one.promise, one.departure, one.text);
    if (!one.reproduce.empty()) {
      text += fmt::format("\nCalls:\n{}", fenced(one.reproduce));
    }
    text += fmt::format("\nValues:\n{}", fenced(fmt::format("{}", fmt::join(one.values, "\n"))));
  }
  return text;
}

}  // namespace enlighten::runner
