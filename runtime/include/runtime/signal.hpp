// SPDX-License-Identifier: MIT
// co_await for a port: a handler that remembers an event until somebody waits for it.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>

#include <guest/port_slot.hpp>
#include <runtime/vcpu.hpp>

namespace enlighten::runtime {

// For one waiting coroutine at a time, on `vcpu`. Events may come on any vCPU (a port moves when its vCPU is turned
// off) and on several ports. Those that come while nobody waits are not lost: the next wait returns at once, for
// all of them, as Xen itself merges what is not yet taken.
class Signal final : public guest::Event_handler {
 public:
  explicit Signal(Vcpu& vcpu) noexcept : vcpu_{vcpu} {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void on_event(Port) noexcept override {
    // Acquire and release: between them, what the sender wrote, which the vCPU that delivers has seen, reaches the
    // coroutine (await_resume()); and the coroutine's handle, stored before `waiting` was, reaches us. Weaker, and
    // either could be read as it was before.
    if ((state_.fetch_add(1, std::memory_order_acq_rel) & waiting) != 0) {
      wake();
    }
  }

  // co_await signal: the number of events since the last time, at least one.
  [[nodiscard]] bool await_ready() const noexcept { return state_.load(std::memory_order_relaxed) != 0; }
  [[nodiscard]] bool await_suspend(std::coroutine_handle<> waiter) noexcept {
    resume_.waiter = waiter;
    // An event may have come since await_ready(). Whoever takes `waiting` away decides: us, and we do not wait, or
    // the handler, which has posted our resumption.
    const bool came = state_.fetch_or(waiting, std::memory_order_acq_rel) != 0;
    return !came || (state_.fetch_and(~waiting, std::memory_order_acq_rel) & waiting) == 0;
  }
  [[nodiscard]] std::uint64_t await_resume() noexcept { return state_.exchange(0, std::memory_order_acquire); }

 private:
  static constexpr std::uint64_t waiting = std::uint64_t{1} << 63;

  void wake() noexcept {
    if ((state_.fetch_and(~waiting, std::memory_order_acq_rel) & waiting) != 0) {
      vcpu_.post(resume_);
    }
  }

  Vcpu& vcpu_;
  Resume resume_;
  std::atomic<std::uint64_t> state_{0};  // the number of events, and whether somebody waits for one
};

}  // namespace enlighten::runtime
