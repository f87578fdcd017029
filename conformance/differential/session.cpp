// SPDX-License-Identifier: MIT
// Runs the programs of a request, and tells what they answered.
#include <conformance/differential/session.hpp>

#include <charconv>

#include "found.hpp"
#include "outcome.hpp"
#include "scene.hpp"
#include "selection.hpp"
#include "text.hpp"
#include "visible.hpp"

namespace enlighten::conformance::differential {
namespace {

// Several answers to a line.
class Answers {
 public:
  Answers(report::Line_sink& sink, std::uint32_t program) noexcept : sink_{sink}, program_{program} { begin(); }

  void add(const Outcome& outcome, std::uint32_t digest) noexcept {
    report::Line one;
    one.text(" ");
    append_answer(one, outcome);
    one.text("#").hexadecimal(digest);
    if (one.length() > line_.room()) {
      sink_.line(line_.view());
      begin();
    }
    line_.text(one.view());
    ++steps_;
  }
  void finish() noexcept { sink_.line(line_.view()); }

 private:
  void begin() noexcept {
    line_.truncate(0);
    line_.text("d ").integer(program_).text(" ").integer(steps_);
  }

  report::Line_sink& sink_;
  report::Line line_;
  std::uint32_t program_;
  std::uint32_t steps_ = 0;
};

void run_program(Scene& scene, Workers& workers, const Program& program, Answers& answers) noexcept {
  for (const Step& step : program.steps()) {
    const Outcome outcome = do_on_its_vcpu(scene, workers, step);
    answers.add(outcome, digest(scene));
  }
}

[[nodiscard]] report::Verdict fail(report::Line_sink& sink, std::string_view what) noexcept {
  report::Line line;
  line.text("differential: ").text(what);
  sink.line(line.view());
  return report::Verdict::error;
}

}  // namespace

bool set(Request& request, std::string_view word, std::string_view value) noexcept {
  if (word == "only") {
    request.only = value;
    return true;
  }
  if (word == "found") {
    request.found = value == "yes";
    return value == "yes" || value == "no";
  }
  if (word == "detail") {
    request.detail = value == "memory" ? Detail::memory : Detail::digests;
    return value == "memory" || value == "digests";
  }
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size()) {
    return false;
  }
  if (word == "seed") {
    request.seed = number;
    return true;
  }
  std::uint32_t& limited = word == "length" ? request.length : request.programs;
  limited = static_cast<std::uint32_t>(number);
  return (word == "length" && number <= most_steps) || (word == "programs" && number == limited);
}

report::Verdict run(const Setting& setting, report::Line_sink& sink, const Request& request) noexcept {
  Scene scene{setting};
  if (request.found) {
    const report::Verdict verdict = run_found(scene, setting.workers, sink);
    setting.workers.dismiss();
    return verdict;
  }
  Selection selection{request};
  report::Verdict verdict = report::Verdict::success;
  std::uint32_t count = 0;
  if (!scene.start_afresh()) {
    verdict = fail(sink, "the scene cannot be set");
  }
  while (verdict == report::Verdict::success) {
    const std::optional<Program> program = selection.next();
    if (!program) {
      break;
    }
    Answers answers{sink, count};
    run_program(scene, setting.workers, *program, answers);
    answers.finish();
    if (request.detail == Detail::memory) {
      tell_memory(scene, count, sink);
    }
    if (!scene.start_afresh()) {
      verdict = fail(sink, "the scene cannot be set again: what the last program did cannot be undone");
    }
    ++count;
  }
  setting.workers.dismiss();
  return selection.broken() ? fail(sink, "only= is not understood") : verdict;
}

void tell(report::Line_sink& sink, const Request& request) noexcept {
  Selection selection{request};
  std::uint32_t count = 0;
  while (const std::optional<Program> program = selection.next()) {
    std::uint32_t number = 0;
    for (const Step& step : program->steps()) {
      report::Line line;
      line.text("t ").integer(count).text(" ").integer(number++).text(" ");
      append_step(line, step);
      sink.line(line.view());
    }
    ++count;
  }
}

}  // namespace enlighten::conformance::differential
