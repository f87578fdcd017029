// SPDX-License-Identifier: MIT
// Gives the addresses in a guest's backtrace the names they have in its source.
#include <runner/symbolizer.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include <runner/places.hpp>
#include <runner/process.hpp>

namespace enlighten::runner {
namespace {

// Takes `prefix` and a number off the front of `text`.
template <typename Number>
bool take(std::string_view& text, std::string_view prefix, Number& number, int base) {
  if (!text.starts_with(prefix)) {
    return false;
  }
  text.remove_prefix(prefix.size());
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return error == std::errc{};
}

// Of a frame in a backtrace: its place from the start of the image.
std::optional<std::uint64_t> offset_in(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  unsigned frame = 0;
  std::uint64_t address = 0;
  std::uint64_t offset = 0;
  const bool read = take(line, "#", frame, 10) && take(line, " pc=0x", address, 16) &&
                    take(line, " image+0x", offset, 16) && line.find_first_not_of(' ') == std::string_view::npos;
  return read ? std::optional{offset} : std::nullopt;
}

}  // namespace

Symbolizer::Symbolizer(std::optional<std::filesystem::path> symbols, std::string_view reader)
    : symbols_{std::move(symbols).value_or("")}, program_{find_program(reader).value_or("")} {}

std::string Symbolizer::annotate(const std::string& line) {
  const std::optional<std::uint64_t> offset = offset_in(line);
  if (!offset || symbols_.empty() || program_.empty()) {
    return line;
  }
  const auto [known, unknown] = known_.try_emplace(*offset);
  if (unknown) {
    known->second = place_of(*offset);
  }
  return known->second.empty() ? line : fmt::format("{} {}", line, known->second);
}

std::string Symbolizer::place_of(std::uint64_t offset) const {
  const Completed completed =
      run({.words = {program_.string(), "-e", symbols_.string(), "-f", "-C", "-i", fmt::format("{:#x}", offset)},
           .environment = {},
           .directory = {}});
  return completed.status.success() ? phrase_of(completed.output, find_source_tree().value_or("")) : std::string{};
}

std::string phrase_of(const std::string& addr2line_output, const std::filesystem::path& source_tree) {
  std::istringstream lines{addr2line_output};
  const std::string own_folder = source_tree.empty() ? std::string{} : source_tree.string() + "/";
  std::string phrase;
  std::string function;
  std::string place;
  while (std::getline(lines, function) && std::getline(lines, place)) {
    if (function == "??") {
      break;
    }
    if (const std::size_t note = place.find(" (discriminator"); note != std::string::npos) {
      place.resize(note);
    }
    if (!own_folder.empty() && place.starts_with(own_folder)) {
      place.erase(0, own_folder.size());
    }
    phrase += fmt::format("{}{}{}", phrase.empty() ? "" : ", inlined in ", function,
                          place.starts_with("??") ? std::string{} : " at " + place);
  }
  return phrase;
}

}  // namespace enlighten::runner
