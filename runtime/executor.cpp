// SPDX-License-Identifier: MIT
// Runs one vCPU's work, and detached coroutines to their end.
#include <runtime/executor.hpp>

#include <utility>

#include <runtime/trace.hpp>

namespace enlighten::runtime {
namespace {

// A coroutine that owns itself: it starts at once and its frame goes when it returns.
struct Detached {
  struct promise_type {
    [[nodiscard]] Detached get_return_object() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { panic("an exception left a coroutine"); }
  };
};

Detached detach(Executor& executor, Task<> task) {
  co_await executor.yield();
  co_await task;
}

}  // namespace

void Executor::enqueue(Work& work) noexcept {
  work.next = nullptr;
  if (last_ == nullptr) {
    first_ = &work;
  } else {
    last_->next = &work;
  }
  last_ = &work;
}

void Executor::spawn(Task<> task) noexcept {
  detach(*this, std::move(task));
}

void Executor::Yield::await_suspend(std::coroutine_handle<> waiter) noexcept {
  resume_.waiter = waiter;
  executor_.enqueue(resume_);
}

void Executor::run_once() noexcept {
  for (Work* work = inbox_.take(); work != nullptr;) {
    // Read first: the work may be gone, or queued again, once it runs.
    Work* const next = work->next;
    enqueue(*work);
    work = next;
  }
  if (!timers_.empty()) {
    const Instant now = Clock::now();
    while (!timers_.empty() && timers_.first().deadline() <= now) {
      const std::coroutine_handle<> waiter = timers_.take_first().waiter;
      if (guest::tracing() != nullptr) [[unlikely]] {
        enlighten_trace_coroutine(waiter.address());
      }
      waiter.resume();
      guest::trace(Trace_kind::task_end);
    }
  }
  // What these add runs in the next round, after a look at events.
  Work* work = std::exchange(first_, nullptr);
  last_ = nullptr;
  while (work != nullptr) {
    Work* const next = work->next;
    if (guest::tracing() != nullptr) [[unlikely]] {
      enlighten_trace_work(*work);
    }
    work->run(*work);
    guest::trace(Trace_kind::task_end);
    work = next;
  }
}

// Two words and two sides: here `asleep_` is stored and then the inbox is read; the poster stores into the inbox
// and then reads `asleep_`. All four are sequentially consistent, so at least one sees the other's store: either we
// find the work, or the poster finds us asleep and sends a wake-up, which WFI does not sleep through. Weaker, both
// could miss, and the work would wait for an unrelated interrupt.
bool Executor::prepare_sleep() noexcept {
  asleep_.store(true, std::memory_order_seq_cst);
  if (inbox_.empty()) {
    return true;
  }
  awake();
  return false;
}

}  // namespace enlighten::runtime
