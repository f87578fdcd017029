// SPDX-License-Identifier: MIT
// What became of each vCPU that was a thread, for whoever has to find out why.
#include <algorithm>
#include <cstdio>
#include <mutex>
#include <string>

#include <model_machine/thread_processor.hpp>

#include "thread_life.hpp"

namespace enlighten::model_machine {
namespace {

const char* words_of(Doing doing) {
  switch (doing) {
    case Doing::works:
      return "able to go on";
    case Doing::waits:
      return "waiting for ";
    case Doing::spins:
      return "spinning";
    case Doing::is_off:
      return "off";
    case Doing::is_done:
      return "done";
    case Doing::is_absent:
      return "turned on, and never begins";
  }
  return "";
}

}  // namespace

std::string Thread_processor::story() const {
  const std::lock_guard guard{mutex_};
  std::string words = blame_.empty() ? "" : blame_ + "\n" + blamed_at_.words("  ");
  char line[120];
  const auto tell = [&](const Life& life) {
    const Doing doing = life.doing.load();
    std::snprintf(line, sizeof line, "domain %u vCPU %u: %s%s\n", life.vcpu.domain().id().value(),
                  life.start.vcpu.value(), words_of(doing), doing == Doing::waits ? life.waits_for.load() : "");
    words += line + life.stack.words("  ");
    const std::uint64_t steps = life.steps.load();
    const std::uint64_t kept = std::min<std::uint64_t>(steps, life.last_steps.size());
    for (std::uint64_t step = steps - kept; step < steps; ++step) {
      const Life::Step& one = life.last_steps[step % life.last_steps.size()];
      std::snprintf(line, sizeof line, "  %s %p\n", one.what, one.where);
      words += line;
    }
  };
  for (const auto* const list : {&gone_, &lives_}) {
    for (const auto& life : *list) {
      tell(*life);
    }
  }
  return words;
}

}  // namespace enlighten::model_machine
