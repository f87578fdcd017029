// SPDX-License-Identifier: MIT
// Threads that leave their functions by a long jump, and the one that watches whether anybody gets on.
#include <model_machine/thread_processor.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "leaks_allowed.hpp"
#include "thread_life.hpp"

extern "C" {
// Asked by ThreadSanitizer as the program starts: names for its reports, from the binutils that every machine has.
const char* __tsan_default_options() {
  return "external_symbolizer_path=/usr/bin/addr2line";
}
}

namespace enlighten::model_machine {
namespace {

constexpr std::uint64_t nanoseconds_a_step = 100;
// How often one that only looks again does so before it counts as doing nothing. A condition depends on nothing but
// what others do, so the second look saw all that they did; who spins may do more than look.
constexpr std::uint64_t looks_to_be_idle = 2;
constexpr std::uint64_t spins_to_be_idle = 64;
// One in so many steps lets another thread run, so that few processors mix many vCPUs.
constexpr std::uint64_t steps_a_yield = 16;
// A thread that takes no step, and neither waits nor ends, does not come by a place where it could be stopped.
constexpr std::chrono::minutes patience{5};

// The life that this thread lives.
thread_local void* own_life = nullptr;

}  // namespace

Thread_processor::Thread_processor(Body body, const Faults& faults) : body_{std::move(body)}, faults_{faults} {}

Thread_processor::~Thread_processor() = default;

std::uint64_t Thread_processor::now() {
  return steps_.load(std::memory_order_relaxed) * nanoseconds_a_step + skipped_.load(std::memory_order_relaxed);
}

void Thread_processor::start(model::Domain& domain, const model::Vcpu_start& start) {
  const std::lock_guard guard{mutex_};
  auto vcpu = std::ranges::find_if(
      vcpus_, [&](const auto& known) { return &known->domain() == &domain && known->id() == start.vcpu; });
  if (vcpu == vcpus_.end()) {
    vcpu = vcpus_.insert(vcpus_.end(), std::make_unique<Model_vcpu>(*this, domain, start.vcpu));
  }
  (*vcpu)->reset();
  const std::uint64_t seed = faults_.seed + lives_.size() + gone_.size();
  Life& life = *lives_.emplace_back(std::make_unique<Life>(**vcpu, start, faults_, seed));
  if (running_) {
    // Drawn by whoever has turned it on.
    const std::optional<std::uint64_t> after =
        own_life == nullptr ? 0 : static_cast<Life*>(own_life)->source.begins_after();
    if (!after) {
      life.doing = Doing::is_absent;
      gone_.push_back(std::move(lives_.back()));
      lives_.pop_back();
      return;
    }
    life.begins = *after == 0 ? 0 : now() + *after;
    begin(life);
  }
}

void Thread_processor::begin(Life& life) {
  life.thread = std::thread{[this, &life] { live(life); }};
}

// A vCPU that is turned off does not come back to its functions, and nothing in them is undone: what a long jump
// does. An exception would not pass the guest's functions, which promise to throw none.
void Thread_processor::live(Life& life) {
  own_life = &life;
  const arch::hosted::Installed_machine installed{life.vcpu};
  const Leaks_allowed allowed;
  if (setjmp(life.way_out) == 0) {
    if (life.begins != 0) {
      wait_for("its first instruction", [this, &life] { return life.begins <= now(); });
    }
    body_(life.vcpu, life.start);
    // As if it had called CPU_OFF, which a body that returns means.
    life.vcpu.domain().vcpu(life.start.vcpu).down = true;
    life.doing = Doing::is_done;
  }
  life.has_left.store(true, std::memory_order_release);
}

void Thread_processor::leave_for_ever() {
  Life& life = *static_cast<Life*>(own_life);
  life.doing = Doing::is_off;
  std::longjmp(life.way_out, 1);
}

void Thread_processor::enter_xen() {
  if (own_life != nullptr) {
    static_cast<Life*>(own_life)->in_xen = true;
  }
}

void Thread_processor::leave_xen() {
  if (own_life != nullptr) {
    static_cast<Life*>(own_life)->in_xen = false;
  }
}

// Within a call of Xen's it holds what others need, and is done soon.
void Thread_processor::leave_if_over(Life& life) {
  const bool ended = ended_.load(std::memory_order_relaxed);
  if (ended || (!life.in_xen && life.vcpu.domain().shut_down())) {
    life.stack = ended ? Call_stack::here() : Call_stack{};
    std::longjmp(life.way_out, 1);
  }
}

void Thread_processor::took_a_step(Life& life, const char* what, const void* where) {
  const std::uint64_t steps = life.steps.load(std::memory_order_relaxed);
  life.last_steps[steps % life.last_steps.size()] = {what, where};
  life.steps.store(steps + 1, std::memory_order_relaxed);
  steps_.fetch_add(1, std::memory_order_relaxed);
  life.looks_in_a_row = 0;
  life.doing.store(Doing::works, std::memory_order_relaxed);
}

// What is called before the run, to prepare it, is on no vCPU's behalf.
void Thread_processor::step_named(const char* what, const void* where) {
  if (own_life == nullptr) {
    return;
  }
  Life& life = *static_cast<Life*>(own_life);
  leave_if_over(life);
  took_a_step(life, what, where);
  if (life.source.any_of(steps_a_yield) == 0) {
    sched_yield();
  }
  if (!life.in_fault && life.source.brings_spurious_upcall()) {
    life.in_fault = true;
    model::Domain& domain = life.vcpu.domain();
    domain.spurious_upcall(Vcpu_id{static_cast<std::uint32_t>(life.source.any_of(domain.vcpus()))});
    life.in_fault = false;
  }
}

void Thread_processor::wait_for(const char* what, const std::function<bool()>& condition) {
  if (own_life == nullptr) {
    std::fputs("enlighten: something is waited for outside the run, where nobody can ever bring it about\n",
               stderr);
    std::abort();
  }
  Life& life = *static_cast<Life*>(own_life);
  life.waits_for.store(what, std::memory_order_relaxed);
  life.doing.store(Doing::waits, std::memory_order_relaxed);
  leave_if_over(life);
  while (!condition()) {
    life.looked();
    life.vcpu.domain().bring_upcall(life.start.vcpu);
    leave_if_over(life);
  }
  took_a_step(life, "wait", nullptr);
}

// No step: it gets on only when it finds what it looks for.
void Thread_processor::spin() {
  if (own_life == nullptr) {
    return;
  }
  Life& life = *static_cast<Life*>(own_life);
  leave_if_over(life);
  life.doing.store(Doing::spins, std::memory_order_relaxed);
  life.looked();
  life.vcpu.domain().bring_upcall(life.start.vcpu);
}

void Thread_processor::report(model::Domain& domain, const std::string& what) {
  char head[48];
  if (own_life != nullptr) {
    std::snprintf(head, sizeof head, "domain %u, by vCPU %u: ", domain.id().value(),
                  static_cast<Life*>(own_life)->start.vcpu.value());
  } else {
    std::snprintf(head, sizeof head, "domain %u: ", domain.id().value());
  }
  const std::lock_guard guard{mutex_};
  if (blame_.empty()) {
    blame_ = head + what;
    blamed_at_ = Call_stack::here();
  }
  ended_.store(true, std::memory_order_relaxed);
}

std::optional<abi::Errno> Thread_processor::refuse(abi::Hypercall call, std::uint32_t operation) {
  return own_life == nullptr ? std::nullopt : static_cast<Life*>(own_life)->source.refuse(call, operation);
}

std::uint64_t Thread_processor::upcall_delay() {
  return own_life == nullptr ? 0 : static_cast<Life*>(own_life)->source.upcall_delay();
}

bool Thread_processor::lingers() {
  return own_life != nullptr && static_cast<Life*>(own_life)->source.happens(faults_.lingering_vcpus);
}

bool Thread_processor::preempted() {
  if (own_life == nullptr || !static_cast<Life*>(own_life)->source.happens(faults_.preemptions)) {
    return false;
  }
  step_named("preempted", nullptr);
  sched_yield();
  return true;
}

Outcome Thread_processor::run(std::uint64_t most_steps) {
  using Clock = std::chrono::steady_clock;
  {
    const std::lock_guard guard{mutex_};
    running_ = true;
    for (const auto& life : lives_) {
      begin(*life);
    }
  }
  Outcome outcome = Outcome::blamed;
  Clock::time_point last_progress = Clock::now();
  std::uint64_t last_steps = 0;
  while (reap()) {
    std::this_thread::sleep_for(Life::pause);
    const std::uint64_t steps = steps_.load(std::memory_order_relaxed);
    if (steps != last_steps) {
      last_steps = steps;
      last_progress = Clock::now();
    } else if (Clock::now() - last_progress > patience) {
      std::fprintf(stderr, "enlighten: a vCPU neither gets on nor waits\n%s", story().c_str());
      std::abort();
    }
    if (ended_.load(std::memory_order_relaxed)) {
      continue;
    }
    if (steps > most_steps) {
      outcome = Outcome::too_long;
      ended_.store(true, std::memory_order_relaxed);
    } else if (is_idle() && !pass_idle_time()) {
      outcome = Outcome::stuck;
      ended_.store(true, std::memory_order_relaxed);
    }
  }
  running_ = false;
  return ended_.load(std::memory_order_relaxed) ? outcome : Outcome::done;
}

bool Thread_processor::reap() {
  const std::lock_guard guard{mutex_};
  for (std::size_t index = 0; index < lives_.size();) {
    if (!lives_[index]->has_left.load(std::memory_order_acquire)) {
      ++index;
      continue;
    }
    lives_[index]->thread.join();
    gone_.push_back(std::move(lives_[index]));
    lives_.erase(lives_.begin() + static_cast<std::ptrdiff_t>(index));
  }
  return !lives_.empty();
}

// A life that began or ended meanwhile makes the marks another list, so there was progress.
bool Thread_processor::is_idle() {
  const std::lock_guard guard{mutex_};
  bool idle = marks_.size() == lives_.size();
  bool progress = !idle;
  for (std::size_t index = 0; index < lives_.size() && !progress; ++index) {
    const Life& life = *lives_[index];
    const Mark& mark = marks_[index];
    progress = mark.life != &life || mark.steps != life.steps.load(std::memory_order_relaxed);
    const bool waits = life.doing.load(std::memory_order_relaxed) == Doing::waits;
    const std::uint64_t looks = mark.looks + (waits ? looks_to_be_idle : spins_to_be_idle);
    idle = idle && life.looks.load(std::memory_order_relaxed) >= looks;
  }
  if (progress) {
    idle_.reset();
  }
  if (progress || idle) {
    mark();
  }
  return idle && !progress;
}

void Thread_processor::mark() {
  marks_.clear();
  for (const auto& life : lives_) {
    marks_.push_back(
        {life.get(), life->steps.load(std::memory_order_relaxed), life->looks.load(std::memory_order_relaxed)});
  }
}

bool Thread_processor::pass_idle_time() {
  std::uint64_t next_timer = Model_vcpu::no_timer;
  {
    const std::lock_guard guard{mutex_};
    for (const auto& life : lives_) {
      // Whichever is still to come.
      for (const std::uint64_t at : {life->vcpu.timer(), life->begins, life->vcpu.upcall_arrives()}) {
        next_timer = at > now() ? std::min(next_timer, at) : next_timer;
      }
    }
  }
  const std::optional<std::uint64_t> passed = idle_.next(now(), next_timer);
  if (passed) {
    skipped_.fetch_add(*passed, std::memory_order_relaxed);
  }
  return passed.has_value();
}

}  // namespace enlighten::model_machine
