// SPDX-License-Identifier: MIT
// Takes the lines of random programs apart.
#include <runner/program_answers.hpp>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace enlighten::runner {
namespace {

// The word before the next blank, which goes too.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::optional<std::size_t> take_number(std::string_view& text) {
  const std::string_view word = take_word(text);
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc{} && end == word.data() + word.size() ? std::optional{number} : std::nullopt;
}

// The entry of that program, which is the last one or the one after it.
template <typename Entry>
Entry* entry_of(std::vector<Entry>& entries, std::size_t program) {
  if (program == entries.size()) {
    entries.emplace_back();
  }
  return program < entries.size() ? &entries[program] : nullptr;
}

}  // namespace

std::vector<Program_answers> read_program_answers(std::string_view text) {
  std::vector<Program_answers> programs;
  std::istringstream lines{std::string{text}};
  for (std::string line; std::getline(lines, line);) {
    std::string_view rest = line;
    const std::string_view kind = take_word(rest);
    const auto program = kind == "d" || kind == "m" ? take_number(rest) : std::nullopt;
    Program_answers* const answers = program ? entry_of(programs, *program) : nullptr;
    if (answers == nullptr) {
      continue;
    }
    if (kind == "m") {
      answers->memory.emplace_back(rest);
      continue;
    }
    // A line that is lost leaves a gap, which is a difference.
    if (const auto first = take_number(rest); first && *first == answers->steps.size()) {
      while (!rest.empty()) {
        answers->steps.emplace_back(take_word(rest));
      }
    }
  }
  return programs;
}

std::vector<std::vector<std::string>> read_program_texts(std::string_view text) {
  std::vector<std::vector<std::string>> programs;
  std::istringstream lines{std::string{text}};
  for (std::string line; std::getline(lines, line);) {
    std::string_view rest = line;
    if (take_word(rest) != "t") {
      continue;
    }
    const auto program = take_number(rest);
    const auto step = take_number(rest);
    auto* const texts = program && step ? entry_of(programs, *program) : nullptr;
    if (texts != nullptr && *step == texts->size()) {
      texts->emplace_back(rest);
    }
  }
  return programs;
}

std::optional<std::size_t> first_difference(const Program_answers& one, const Program_answers& other) {
  const auto [left, right] = std::ranges::mismatch(one.steps, other.steps);
  if (left == one.steps.end() && right == other.steps.end()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(left - one.steps.begin());
}

}  // namespace enlighten::runner
