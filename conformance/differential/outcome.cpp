// SPDX-License-Identifier: MIT
// Which operation belongs to which subject, and what a step answered as text.
#include "outcome.hpp"

namespace enlighten::conformance::differential {
namespace {

class Do_step final : public Job {
 public:
  Do_step(Scene& scene, const Step& step, Outcome& outcome) noexcept
      : scene_{scene}, step_{step}, outcome_{outcome} {}

  void run() noexcept override { do_step(scene_, step_, outcome_); }

 private:
  Scene& scene_;
  const Step& step_;
  Outcome& outcome_;
};

}  // namespace

void append_answer(report::Line& line, const Outcome& outcome) noexcept {
  const char* between = "";
  for (const std::int64_t value : outcome.values()) {
    line.text(between).integer(value);
    between = ",";
  }
  line.text(outcome.values().empty() ? "-" : "");
}

Outcome do_on_its_vcpu(Scene& scene, Workers& workers, const Step& step) noexcept {
  Outcome outcome;
  Do_step job{scene, step, outcome};
  workers.run(step.vcpu, job);
  return outcome;
}

void do_step(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  if (step.operation <= Operation::unknown_event_operation) {
    do_event_step(scene, step, outcome);
  } else if (step.operation <= Operation::look) {
    do_word_step(scene, step, outcome);
  } else if (step.operation <= Operation::load) {
    do_memory_step(scene, step, outcome);
  } else if (step.operation <= Operation::other_grant_operation) {
    do_grant_step(scene, step, outcome);
  } else {
    do_other_step(scene, step, outcome);
  }
}

}  // namespace enlighten::conformance::differential
