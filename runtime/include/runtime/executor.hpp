// SPDX-License-Identifier: MIT
// What one vCPU has to do: coroutines that are ready, work posted by others, timers that are due.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>

#include <runtime/clock.hpp>
#include <runtime/inbox.hpp>
#include <runtime/task.hpp>
#include <runtime/timer_queue.hpp>

namespace enlighten::runtime {

// Everything but post() belongs to its own vCPU. What runs, runs until it waits or returns; nothing interrupts it.
class Executor {
 public:
  // From any vCPU, this one included. Whoever posts from another one wakes this one if needs_waking() then says so.
  void post(Work& work) noexcept { inbox_.post(work); }

  // Whether the vCPU sleeps, or is about to, without knowing of work that was posted before this call. Says so to
  // one caller only.
  [[nodiscard]] bool needs_waking() noexcept {
    return asleep_.load(std::memory_order_seq_cst) && asleep_.exchange(false, std::memory_order_seq_cst);
  }

  // At the end of what is ready now.
  void enqueue(Work& work) noexcept;

  // Starts a coroutine that nobody waits for.
  void spawn(Task<> task) noexcept;

  class [[nodiscard]] Sleep {
   public:
    Sleep(Executor& executor, Instant deadline) noexcept : executor_{executor}, timer_{deadline} {}
    [[nodiscard]] bool await_ready() const noexcept { return timer_.deadline() <= Clock::now(); }
    void await_suspend(std::coroutine_handle<> waiter) noexcept {
      timer_.waiter = waiter;
      executor_.timers_.insert(timer_);
    }
    void await_resume() const noexcept {}

   private:
    Executor& executor_;
    Timer timer_;
  };
  [[nodiscard]] Sleep sleep_until(Instant deadline) noexcept { return {*this, deadline}; }
  [[nodiscard]] Sleep sleep_for(Duration duration) noexcept { return {*this, Clock::now() + duration}; }

  // Lets everything else that is ready go first.
  class [[nodiscard]] Yield {
   public:
    explicit Yield(Executor& executor) noexcept : executor_{executor} {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) noexcept;
    void await_resume() const noexcept {}

   private:
    Executor& executor_;
    Resume resume_;
  };
  [[nodiscard]] Yield yield() noexcept { return Yield{*this}; }

  // Runs what is ready, posted or due, once round.
  void run_once() noexcept;

  // Nothing is ready or posted. Then, with sleep() between: from the call on, whoever posts finds needs_waking().
  [[nodiscard]] bool idle() const noexcept { return first_ == nullptr && inbox_.empty(); }
  // False if work has come meanwhile: do not sleep.
  [[nodiscard]] bool prepare_sleep() noexcept;
  void awake() noexcept { asleep_.store(false, std::memory_order_relaxed); }

  [[nodiscard]] bool has_timers() const noexcept { return !timers_.empty(); }
  // With has_timers().
  [[nodiscard]] Instant next_deadline() const noexcept { return timers_.first().deadline(); }

 private:
  Work* first_ = nullptr;
  Work* last_ = nullptr;
  Timer_queue timers_;
  Inbox inbox_;
  std::atomic<bool> asleep_{false};
};

}  // namespace enlighten::runtime
