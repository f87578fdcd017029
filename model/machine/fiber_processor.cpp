// SPDX-License-Identifier: MIT
// The loop that picks who goes next, and what a vCPU does in it.
#include <model_machine/fiber_processor.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "leaks_allowed.hpp"

namespace enlighten::model_machine {
namespace {

// Of each that could do something: so many turns of asking again, and nobody does anything.
constexpr std::uint64_t spins_to_be_idle = 256;

}  // namespace

Fiber_processor::Actor* Fiber_processor::current() {
  return running_ ? actors_[current_].get() : nullptr;
}

void Fiber_processor::start(model::Domain& domain, const model::Vcpu_start& start) {
  std::size_t index = 0;
  while (index < actors_.size() &&
         (&actors_[index]->vcpu.domain() != &domain || actors_[index]->vcpu.id() != start.vcpu)) {
    ++index;
  }
  if (index == actors_.size()) {
    actors_.push_back(std::make_unique<Actor>(*this, domain, start.vcpu));
  }
  Actor& actor = *actors_[index];
  actor.condition = nullptr;
  actor.is_off = false;
  actor.in_xen = false;
  actor.has_begun = false;
  // Of a vCPU that another has turned on: the first is there from the start.
  const std::optional<std::uint64_t> after = running_ ? faults_.begins_after() : 0;
  actor.is_absent = !after;
  actor.begins = now() + after.value_or(0);
  if (after.value_or(0) != 0) {
    actor.condition = [this, &actor] { return actor.begins <= now(); };
    actor.waits_for = "its first instruction";
  }
  actor.vcpu.reset();
  actor.fiber = std::make_unique<arch::hosted::Fiber>([this, &actor, start] {
    body_(actor.vcpu, start);
    // As if it had called CPU_OFF, which a body that returns means.
    actor.vcpu.domain().vcpu(start.vcpu).down = true;
  });
}

Outcome Fiber_processor::run(std::uint64_t most_steps) {
  const std::uint64_t end = steps_ + most_steps;
  while (!ended_) {
    if (steps_ >= end) {
      return come_to_nothing(Outcome::too_long);
    }
    bring_upcalls();
    able_.clear();
    bool waiting = false;
    for (std::size_t index = 0; index < actors_.size(); ++index) {
      const Actor& actor = *actors_[index];
      if (actor.is_able()) {
        able_.push_back(index);
      }
      waiting |= actor.is_alive();
    }
    if (able_.empty()) {
      if (!waiting) {
        return Outcome::done;
      }
      if (!pass_idle_time()) {
        return come_to_nothing(Outcome::stuck);
      }
      continue;
    }
    if (spins_ > spins_to_be_idle * able_.size()) {
      spins_ = 0;
      if (!pass_idle_time()) {
        return come_to_nothing(Outcome::stuck);
      }
    }
    if (faults_.brings_spurious_upcall()) {
      const Model_vcpu& hit = actors_[faults_.any_of(actors_.size())]->vcpu;
      hit.domain().spurious_upcall(hit.id());
    }
    current_ = schedule_.choose(able_, current_);
    Actor& actor = *actors_[current_];
    if (actor.condition) {
      // What it waited for has come.
      actor.condition = nullptr;
      spins_ = 0;
      idle_.reset();
    }
    ++steps_;
    actor.has_begun = true;
    running_ = true;
    {
      const arch::hosted::Installed_machine installed{actor.vcpu};
      const Leaks_allowed allowed;
      actor.fiber->enter();
    }
    running_ = false;
  }
  return Outcome::blamed;
}

bool Fiber_processor::pass_idle_time() {
  std::uint64_t next_timer = Model_vcpu::no_timer;
  for (const auto& actor : actors_) {
    if (actor->is_alive()) {
      // Whichever is still to come.
      for (const std::uint64_t at : {actor->vcpu.timer(), actor->begins, actor->vcpu.upcall_arrives()}) {
        next_timer = at > now() ? std::min(next_timer, at) : next_timer;
      }
    }
  }
  const std::optional<std::uint64_t> passed = idle_.next(now(), next_timer);
  skipped_ += passed.value_or(0);
  return passed.has_value();
}

void Fiber_processor::remember(const char* what, const void* where) {
  last_steps_.push_back({current_, what, where});
  if (last_steps_.size() > remembered_steps) {
    last_steps_.pop_front();
  }
}

void Fiber_processor::leave(Actor& actor) {
  actor.fiber->leave();
  while (asking_where_) {
    actor.stack = Call_stack::here();
    actor.fiber->leave();
  }
}

void Fiber_processor::ask_where() {
  asking_where_ = true;
  for (const auto& actor : actors_) {
    // Who has not begun is nowhere.
    if (actor->is_alive() && actor->has_begun) {
      const Leaks_allowed allowed;
      actor->fiber->enter();
    }
  }
  asking_where_ = false;
}

Outcome Fiber_processor::come_to_nothing(Outcome outcome) {
  ask_where();
  return outcome;
}

void Fiber_processor::bring_upcalls() {
  if (faults_.faults().late_upcalls != 0) {
    for (const auto& actor : actors_) {
      actor->vcpu.domain().bring_upcall(actor->vcpu.id());
    }
  }
}

bool Fiber_processor::preempted() {
  if (current() == nullptr || !faults_.happens(faults_.faults().preemptions)) {
    return false;
  }
  // Whoever else may run does.
  schedule_.spins(current_);
  step_named("preempted", nullptr);
  return true;
}

void Fiber_processor::got_on(const char* what, const void* where) {
  remember(what, where);
  spins_ = 0;
  idle_.reset();
}

// What is called before the run, to prepare it, is on no vCPU's behalf and happens at once.
void Fiber_processor::step_named(const char* what, const void* where) {
  if (Actor* const actor = current(); actor != nullptr) {
    got_on(what, where);
    leave(*actor);
  }
}

void Fiber_processor::spin() {
  schedule_.spins(current_);
  if (Actor* const actor = current(); actor != nullptr) {
    remember("spin", nullptr);
    ++spins_;
    leave(*actor);
  }
}

void Fiber_processor::enter_xen() {
  if (Actor* const actor = current(); actor != nullptr) {
    actor->in_xen = true;
  }
}

void Fiber_processor::leave_xen() {
  if (Actor* const actor = current(); actor != nullptr) {
    actor->in_xen = false;
  }
}

void Fiber_processor::wait_for(const char* what, const std::function<bool()>& condition) {
  Actor* const actor = current();
  if (actor == nullptr) {
    std::fputs("enlighten: something is waited for outside the run, where nobody can ever bring it about\n",
               stderr);
    std::abort();
  }
  got_on("wait", nullptr);
  actor->condition = condition;
  actor->waits_for = what;
  leave(*actor);
}

void Fiber_processor::leave_for_ever() {
  Actor& actor = *current();
  actor.is_off = true;
  for (;;) {
    actor.fiber->leave();
  }
}

void Fiber_processor::report(model::Domain& domain, const std::string& what) {
  char head[48];
  if (const Actor* const actor = current(); actor != nullptr) {
    std::snprintf(head, sizeof head, "domain %u, by vCPU %u: ", domain.id().value(), actor->vcpu.id().value());
  } else {
    std::snprintf(head, sizeof head, "domain %u: ", domain.id().value());
  }
  if (blame_.empty()) {
    blame_ = head + what;
    blamed_at_ = Call_stack::here();
  }
  ended_ = true;
}

std::string Fiber_processor::story() const {
  std::string words = blame_.empty() ? "" : blame_ + "\n" + blamed_at_.words("  ");
  char line[120];
  for (const auto& actor : actors_) {
    const char* const doing = actor->is_absent                 ? "turned on, and never begins"
                              : actor->is_off || !actor->fiber ? "off"
                              : actor->fiber->is_done()        ? "done"
                              : actor->condition == nullptr    ? "able to go on"
                              : actor->condition()             ? "about to go on"
                                                               : "waiting for ";
    const bool waiting = std::string_view{doing}.ends_with(' ');
    std::snprintf(line, sizeof line, "domain %u vCPU %u: %s%s\n", actor->vcpu.domain().id().value(),
                  actor->vcpu.id().value(), doing, waiting ? actor->waits_for : "");
    words += line;
  }
  std::snprintf(line, sizeof line, "the last %zu of %llu steps:\n", last_steps_.size(),
                static_cast<unsigned long long>(steps_));
  words += line;
  for (const Step& step : last_steps_) {
    std::snprintf(line, sizeof line, "  vCPU %u: %s %p\n", actors_[step.actor]->vcpu.id().value(), step.what,
                  step.where);
    words += line;
  }
  return words;
}

}  // namespace enlighten::model_machine
