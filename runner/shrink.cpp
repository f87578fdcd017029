// SPDX-License-Identifier: MIT
// Delta debugging, a round of questions at a time: halves, quarters, and so on to single steps, taken away.
#include <runner/shrink.hpp>

#include <algorithm>

namespace enlighten::runner {
namespace {

// The last step stays: it is the one in which the difference shows.
std::vector<Program_part> shorter_ones(const Program_part& part) {
  std::vector<Program_part> parts;
  if (!part.by_first_vcpu) {
    parts.push_back(part);
    parts.back().by_first_vcpu = true;
  }
  const std::size_t others = part.steps.size() - 1;
  for (std::size_t size = others; size != 0; size /= 2) {
    for (std::size_t first = 0; first < others; first += size) {
      Program_part shorter = part;
      const auto begin = shorter.steps.begin() + static_cast<std::ptrdiff_t>(first);
      shorter.steps.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(size, others - first)));
      parts.push_back(std::move(shorter));
    }
  }
  return parts;
}

// All single steps that can each be spared, spared together: often they can.
std::optional<Program_part> without_all(const Program_part& part, const std::vector<std::size_t>& spared) {
  Program_part shorter = part;
  std::erase_if(shorter.steps, [&](std::size_t step) { return std::ranges::find(spared, step) != spared.end(); });
  return spared.size() > 1 ? std::optional{shorter} : std::nullopt;
}

bool is_simpler(const Program_part& one, const Program_part& other) {
  return one.steps.size() != other.steps.size() ? one.steps.size() < other.steps.size()
                                                : one.by_first_vcpu && !other.by_first_vcpu;
}

}  // namespace

std::string text(const Program_part& part) {
  constexpr std::size_t bits_a_digit = 4;
  std::vector<unsigned> digits(part.steps.empty() ? 1 : part.steps.back() / bits_a_digit + 1, 0U);
  for (const std::size_t step : part.steps) {
    digits[step / bits_a_digit] |= 1U << step % bits_a_digit;
  }
  std::string mask;
  for (const unsigned digit : digits) {
    mask.insert(mask.begin(), "0123456789abcdef"[digit]);
  }
  return std::to_string(part.program) + '.' + mask + (part.by_first_vcpu ? ".0" : "");
}

Program_part shrink(Program_part part, const Oracle& differs_in) {
  std::vector<std::size_t> spared;
  for (;;) {
    std::vector<Program_part> questions = shorter_ones(part);
    if (const auto bold = without_all(part, spared)) {
      questions.push_back(*bold);
    }
    const auto answers = differs_in(questions);
    Program_part best = part;
    spared.clear();
    for (std::size_t index = 0; index < questions.size() && index < answers.size(); ++index) {
      const Program_part& question = questions[index];
      // Another difference, in an earlier step, is for another time.
      if (!answers[index] || *answers[index] + 1 != question.steps.size()) {
        continue;
      }
      if (question.steps.size() + 1 == part.steps.size()) {
        std::ranges::set_difference(part.steps, question.steps, std::back_inserter(spared));
      }
      if (is_simpler(question, best)) {
        best = question;
      }
    }
    if (best == part) {
      return part;
    }
    part = std::move(best);
  }
}

}  // namespace enlighten::runner
