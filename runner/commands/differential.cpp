// SPDX-License-Identifier: MIT
// `enlighten differential`: the same random programs on real Xen and on the model, and the shortest in which those
// two differ.
#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <string>

#include <fmt/format.h>
#include <report/verdict.hpp>

#include <runner/commands.hpp>
#include <runner/differential_sides.hpp>
#include <runner/failure.hpp>
#include <runner/program_answers.hpp>
#include <runner/shrink.hpp>
#include <runner/terminal.hpp>

namespace enlighten::runner {
namespace {

// A domain's device tree, boot arguments and all, has 4 KiB on some releases.
constexpr std::size_t most_bytes_of_only = 1000;

// Two sides, and what they are asked.
class Comparison {
 public:
  Comparison(Side& one, Model_side& model, const Differential_options& options)
      : one_{one}, model_{model}, source_{fmt::format("seed={} length={}", options.seed, options.length)} {}

  struct Answers {
    std::vector<Program_answers> one;
    std::vector<Program_answers> model;
  };

  [[nodiscard]] Answers ask(const std::string& more) {
    const std::string request = fmt::format("{} {}", source_, more);
    Answers answers{read_program_answers(one_.ask(request)), read_program_answers(model_.ask(request))};
    if (answers.one.size() != answers.model.size()) {
      throw Failure{"{} ran {} programs of \"{}\", {} {}",
                    one_.name(),
                    answers.one.size(),
                    request,
                    model_.name(),
                    answers.model.size()};
    }
    return answers;
  }

  [[nodiscard]] std::vector<std::string> texts(const Program_part& part) {
    auto programs = read_program_texts(model_.tell(fmt::format("{} only={}", source_, text(part))));
    return programs.empty() ? std::vector<std::string>{} : programs.front();
  }

  // As many to a question as its boot arguments take.
  [[nodiscard]] std::vector<std::optional<std::size_t>> differ(const std::vector<Program_part>& parts) {
    std::vector<std::optional<std::size_t>> found;
    std::string only;
    const auto ask_these = [&] {
      const Answers answers = ask("only=" + only);
      for (std::size_t index = 0; index < answers.one.size(); ++index) {
        found.push_back(first_difference(answers.one[index], answers.model[index]));
      }
      only.clear();
    };
    for (const Program_part& part : parts) {
      if (!only.empty() && only.size() + text(part).size() > most_bytes_of_only) {
        ask_these();
      }
      only += (only.empty() ? "" : ",") + text(part);
    }
    if (!only.empty()) {
      ask_these();
    }
    return found;
  }

  [[nodiscard]] std::string name_of_one() const { return one_.name(); }
  [[nodiscard]] const std::string& release_of_one() const noexcept { return one_.release(); }
  [[nodiscard]] std::string name_of_model() const { return model_.name(); }

 private:
  Side& one_;
  Model_side& model_;
  std::string source_;
};

struct Found {
  Program_part part;  // up to the step in which they differ
  std::size_t programs = 1;
};

std::string operation_of(const std::string& step) {
  constexpr std::string_view mark = "Operation::";
  const std::size_t begin = step.find(mark) + mark.size();
  return step.substr(begin, step.find(',', begin) - begin);
}

std::string without_digest(const std::string& answer) {
  return answer.substr(0, answer.find('#'));
}

// One of each kind: the same operation with the same answers is taken for the same difference.
std::vector<Found> find_differences(Comparison& comparison, const Comparison::Answers& answers) {
  std::map<std::string, Found> kinds;
  for (std::uint32_t program = 0; program < answers.one.size(); ++program) {
    const auto step = first_difference(answers.one[program], answers.model[program]);
    if (!step) {
      continue;
    }
    Program_part part{.program = program, .steps = std::vector<std::size_t>(*step + 1)};
    std::iota(part.steps.begin(), part.steps.end(), std::size_t{0});
    const std::vector<std::string> texts = comparison.texts(part);
    const auto answer_of = [&](const std::vector<Program_answers>& of) {
      return *step < of[program].steps.size() ? without_digest(of[program].steps[*step]) : std::string{"nothing"};
    };
    const std::string left = answer_of(answers.one);
    const std::string right = answer_of(answers.model);
    const std::string kind = fmt::format("{} {}", *step < texts.size() ? operation_of(texts[*step]) : "",
                                         left == right ? "in memory" : fmt::format("{} {}", left, right));
    const auto [entry, is_new] = kinds.try_emplace(kind, Found{.part = part});
    entry->second.programs += is_new ? 0 : 1;
  }
  std::vector<Found> found;
  found.reserve(kinds.size());
  for (const auto& [kind, one] : kinds) {
    found.push_back(one);
  }
  std::ranges::sort(found, [](const Found& one, const Found& other) {
    return one.programs != other.programs ? one.programs > other.programs : one.part.program < other.part.program;
  });
  return found;
}

void print_memory(const std::string& who, const std::vector<std::string>& words,
                  const std::vector<std::string>& others) {
  for (const std::string& word : words) {
    if (std::ranges::find(others, word) == others.end()) {
      fmt::print("  only {} has in memory: {}\n", who, word);
    }
  }
}

// As an entry of conformance/differential/found.cpp, with what real Xen (or whoever was asked) answers.
void print_case(const std::vector<std::string>& texts, const Program_answers& answers, const std::string& release) {
  const std::size_t dot = std::min(release.find('.'), release.size() - 1);
  fmt::print("    {{\"say here what Xen does\",\n     {{{}, {}}},\n     {{\n", release.substr(0, dot),
             release.substr(dot + 1));
  for (std::size_t step = 0; step < texts.size(); ++step) {
    const std::size_t comment = texts[step].find("// ");
    fmt::print("         {{{}, \"{}\"}},  {}\n", texts[step].substr(0, comment == 0 ? 0 : comment - 1),
               without_digest(answers.steps.at(step)), texts[step].substr(comment));
  }
  fmt::print("     }},\n     {{\n");
  for (const std::string& word : answers.memory) {
    fmt::print("         \"{}\",\n", word);
  }
  fmt::print("     }}}},\n");
}

void explain(Comparison& comparison, const Differential_options& options, const Found& found) {
  const std::size_t before = found.part.steps.size();
  const auto differs = [&](const std::vector<Program_part>& parts) { return comparison.differ(parts); };
  if (const auto alone = comparison.differ({found.part}).front(); !alone || *alone + 1 != before) {
    fmt::print(
        "program {} of seed {} answers otherwise when it runs alone: what programs before it left behind has "
        "its part in the difference in step {}\n",
        found.part.program, options.seed, before);
    return;
  }
  const Program_part part = shrink(found.part, differs);
  const auto answers = comparison.ask(fmt::format("detail=memory only={}", text(part)));
  const std::vector<std::string> texts = comparison.texts(part);
  const Program_answers& one = answers.one.front();
  const Program_answers& model = answers.model.front();
  fmt::print("program {} of seed {}, and {} others: {} of {} steps show it (only={})\n", found.part.program,
             options.seed, found.programs - 1, part.steps.size(), options.length, text(part));
  fmt::print("  {} answers {}, {} {}\n", comparison.name_of_one(), without_digest(one.steps.back()),
             comparison.name_of_model(), without_digest(model.steps.back()));
  print_memory(comparison.name_of_one(), one.memory, model.memory);
  print_memory(comparison.name_of_model(), model.memory, one.memory);
  print_case(texts, one, comparison.release_of_one());
}

}  // namespace

int differential_command(const Differential_options& options) {
  std::unique_ptr<Side> one;
  std::string release = options.release;
  if (options.other.empty()) {
    auto xen = std::make_unique<Xen_side>(options.xen);
    // Which release it is, its first boot tells.
    static_cast<void>(xen->ask("programs=0"));
    release = release.empty() ? xen->release() : release;
    one = std::move(xen);
  } else {
    one = std::make_unique<Model_side>(options.other);
  }
  Model_side model{release.empty() ? "4.17" : release};
  Comparison comparison{*one, model, options};
  const Comparison::Answers answers = comparison.ask(fmt::format("programs={}", options.programs));
  const std::vector<Found> found = find_differences(comparison, answers);
  std::size_t differing = 0;
  for (const Found& kind : found) {
    differing += kind.programs;
  }
  std::size_t steps = 0;
  for (const Program_answers& program : answers.one) {
    steps += program.steps.size();
  }
  for (std::size_t index = 0; index < found.size() && index < options.shrink; ++index) {
    explain(comparison, options, found[index]);
  }
  if (found.size() > options.shrink) {
    fmt::print("{} further kinds of difference are not shown; --shrink N shows N\n", found.size() - options.shrink);
  }
  fmt::print("enlighten: {} programs with {} steps on {} and on {}: {} differ, in {} ways\n", answers.one.size(),
             steps, one->name(), model.name(), differing, found.size());
  return report::exit_code(found.empty() ? report::Verdict::success : report::Verdict::failure);
}

}  // namespace enlighten::runner
