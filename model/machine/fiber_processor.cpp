// SPDX-License-Identifier: MIT
// The loop that picks who goes next, and what a vCPU does in it.
#include <model_machine/fiber_processor.hpp>

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>

#include <abi/event_channel.hpp>
#include <abi/vcpu_op.hpp>

// Null in a program without LeakSanitizer.
extern "C" {
[[gnu::weak]] void __lsan_disable();
[[gnu::weak]] void __lsan_enable();
}

namespace enlighten::model_machine {
namespace {

// A vCPU that is turned off, or stopped in the middle by the end of a run, never leaves its functions: what those
// hold is lost, and is no mistake of theirs.
class Leaks_allowed {
 public:
  Leaks_allowed() {
    if (__lsan_disable != nullptr) {
      __lsan_disable();
    }
  }
  ~Leaks_allowed() {
    if (__lsan_enable != nullptr) {
      __lsan_enable();
    }
  }
  Leaks_allowed(const Leaks_allowed&) = delete;
  Leaks_allowed& operator=(const Leaks_allowed&) = delete;
};

}  // namespace

const char* words(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return "done";
    case Outcome::blamed:
      return "the guest did what it may not";
    case Outcome::stuck:
      return "everybody waits";
    case Outcome::too_long:
      return "no end in sight";
  }
  return "";
}

Fiber_vcpu* Fiber_processor::current() {
  return running_ ? vcpus_[current_].get() : nullptr;
}

bool Fiber_processor::able(const Fiber_vcpu& vcpu) const {
  return vcpu.is_alive() && (!vcpu.condition_ || vcpu.condition_());
}

void Fiber_processor::start(model::Domain& domain, const model::Vcpu_start& start) {
  std::size_t index = 0;
  while (index < vcpus_.size() && (&vcpus_[index]->domain_ != &domain || vcpus_[index]->id_ != start.vcpu)) {
    ++index;
  }
  if (index == vcpus_.size()) {
    vcpus_.push_back(std::make_unique<Fiber_vcpu>(*this, domain, start.vcpu));
  }
  Fiber_vcpu& vcpu = *vcpus_[index];
  vcpu.condition_ = nullptr;
  vcpu.timer_.reset();
  vcpu.masked_ = true;
  vcpu.cpu_local = nullptr;
  vcpu.is_off_ = false;
  vcpu.fiber_ = std::make_unique<arch::hosted::Fiber>([this, &vcpu, start] {
    body_(vcpu, start);
    // As if it had called CPU_OFF, which a body that returns means.
    vcpu.domain_.vcpu(vcpu.id_).down = true;
  });
}

Outcome Fiber_processor::run(std::uint64_t most_steps) {
  const std::uint64_t end = steps_ + most_steps;
  while (!ended_) {
    if (steps_ >= end) {
      return Outcome::too_long;
    }
    able_.clear();
    bool waiting = false;
    for (std::size_t index = 0; index < vcpus_.size(); ++index) {
      const Fiber_vcpu& vcpu = *vcpus_[index];
      if (able(vcpu)) {
        able_.push_back(index);
      }
      waiting |= vcpu.is_alive();
    }
    if (able_.empty()) {
      if (!waiting) {
        return Outcome::done;
      }
      if (!skip_to_next_timer()) {
        return Outcome::stuck;
      }
      continue;
    }
    if (happens(faults_.spurious_upcalls)) {
      const Fiber_vcpu& hit = *vcpus_[random_() % vcpus_.size()];
      hit.domain_.spurious_upcall(hit.id_);
    }
    current_ = schedule_.choose(able_, current_);
    Fiber_vcpu& vcpu = *vcpus_[current_];
    vcpu.condition_ = nullptr;
    ++steps_;
    running_ = true;
    {
      const arch::hosted::Installed_machine installed{vcpu};
      const Leaks_allowed allowed;
      vcpu.fiber_->enter();
    }
    running_ = false;
  }
  return Outcome::blamed;
}

bool Fiber_processor::happens(std::uint32_t in_a_thousand) {
  return in_a_thousand != 0 && random_() % 1000 < in_a_thousand;
}

std::optional<abi::Errno> Fiber_processor::refuse(abi::Hypercall call, std::uint32_t operation) {
  using enum abi::Event_channel_op;
  const auto event_operation = static_cast<abi::Event_channel_op>(operation);
  const bool about_events = call == abi::Hypercall::event_channel_op;
  if (faults_.no_fifo && about_events && event_operation == init_control) {
    return abi::Errno::enosys;
  }
  const bool allocates =
      call == abi::Hypercall::memory_op ||
      (call == abi::Hypercall::vcpu_op &&
       operation == static_cast<std::uint32_t>(abi::Vcpu_op::register_vcpu_info)) ||
      (about_events &&
       (event_operation == init_control || event_operation == expand_array || event_operation == bind_ipi ||
        event_operation == bind_virq || event_operation == alloc_unbound || event_operation == bind_interdomain));
  return allocates && happens(faults_.no_memory) ? std::optional{abi::Errno::enomem} : std::nullopt;
}

// Nobody can go on before one of the timers fires: until then nothing happens.
bool Fiber_processor::skip_to_next_timer() {
  std::uint64_t next = std::numeric_limits<std::uint64_t>::max();
  for (const auto& vcpu : vcpus_) {
    if (vcpu->is_alive() && vcpu->timer_) {
      next = std::min(next, *vcpu->timer_);
    }
  }
  if (next == std::numeric_limits<std::uint64_t>::max() || next <= now()) {
    return false;
  }
  skipped_ += next - now();
  return true;
}

void Fiber_processor::remember(const char* what, const void* where) {
  last_steps_.push_back({current_, what, where});
  if (last_steps_.size() > remembered_steps) {
    last_steps_.pop_front();
  }
}

// What is called before the run, to prepare it, is on no vCPU's behalf and happens at once.
void Fiber_processor::step_named(const char* what, const void* where) {
  if (Fiber_vcpu* const vcpu = current(); vcpu != nullptr) {
    remember(what, where);
    vcpu->fiber_->leave();
  }
}

void Fiber_processor::step(const void* where) {
  step_named(where == nullptr ? "call" : "access by Xen", where);
}

void Fiber_processor::wait(const std::function<bool()>& condition) {
  wait_for("Xen", condition);
}

void Fiber_processor::wait_for(const char* what, const std::function<bool()>& condition) {
  Fiber_vcpu* const vcpu = current();
  if (vcpu == nullptr) {
    std::fputs("enlighten: something is waited for outside the run, where nobody can ever bring it about\n",
               stderr);
    std::abort();
  }
  remember("wait", nullptr);
  vcpu->condition_ = condition;
  vcpu->waits_for_ = what;
  vcpu->fiber_->leave();
}

void Fiber_processor::leave_for_ever() {
  Fiber_vcpu& vcpu = *current();
  vcpu.is_off_ = true;
  for (;;) {
    vcpu.fiber_->leave();
  }
}

void Fiber_processor::report(model::Domain& domain, const std::string& what) {
  char head[48];
  if (const Fiber_vcpu* const vcpu = current(); vcpu != nullptr) {
    std::snprintf(head, sizeof head, "domain %u, by vCPU %u: ", domain.id().value(), vcpu->id_.value());
  } else {
    std::snprintf(head, sizeof head, "domain %u: ", domain.id().value());
  }
  if (blame_.empty()) {
    blame_ = head + what;
  }
  ended_ = true;
}

std::string Fiber_processor::story() const {
  std::string words = blame_.empty() ? "" : blame_ + "\n";
  char line[120];
  for (const auto& vcpu : vcpus_) {
    const char* const doing = vcpu->is_off_ || !vcpu->fiber_ ? "off"
                              : vcpu->fiber_->is_done()      ? "done"
                              : vcpu->condition_ == nullptr  ? "able to go on"
                              : vcpu->condition_()           ? "about to go on"
                                                             : "waiting for ";
    const bool waiting = std::string_view{doing}.ends_with(' ');
    std::snprintf(line, sizeof line, "domain %u vCPU %u: %s%s\n", vcpu->domain_.id().value(), vcpu->id_.value(),
                  doing, waiting ? vcpu->waits_for_ : "");
    words += line;
  }
  std::snprintf(line, sizeof line, "the last %zu of %llu steps:\n", last_steps_.size(),
                static_cast<unsigned long long>(steps_));
  words += line;
  for (const Step& step : last_steps_) {
    std::snprintf(line, sizeof line, "  vCPU %u: %s %p\n", vcpus_[step.actor]->id_.value(), step.what, step.where);
    words += line;
  }
  return words;
}

}  // namespace enlighten::model_machine
