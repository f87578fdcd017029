// SPDX-License-Identifier: MIT
// A handler that counts its events and says where the last one came, and a wait until a count is reached.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include <guest/port_slot.hpp>
#include <runtime/task.hpp>
#include <runtime/vcpu.hpp>

namespace enlighten::test {

class Counter final : public guest::Event_handler {
 public:
  void on_event(Port port) noexcept override {
    port_.store(port.value(), std::memory_order_relaxed);
    cpu_.store(guest::cpu_local().cpu.value(), std::memory_order_relaxed);
    // Release: with the count come port and CPU, to events()'s acquire.
    events_.fetch_add(1, std::memory_order_release);
  }

  [[nodiscard]] std::uint32_t events() const noexcept { return events_.load(std::memory_order_acquire); }
  // Of the last event.
  [[nodiscard]] Cpu cpu() const noexcept { return Cpu{cpu_.load(std::memory_order_relaxed)}; }
  [[nodiscard]] Port port() const noexcept { return Port{port_.load(std::memory_order_relaxed)}; }

 private:
  std::atomic<std::uint32_t> events_{0};
  std::atomic<std::uint32_t> cpu_{0};
  std::atomic<std::uint32_t> port_{0};
};

inline constexpr auto patience = std::chrono::seconds{20};

// Until `counter` has had `expected` events, or for as long as patience lasts; then a moment more, in which a
// surplus one would come. Returns how many there were.
inline runtime::Task<std::uint32_t> settle(const Counter& counter, std::uint32_t expected) noexcept {
  runtime::Executor& executor = runtime::this_vcpu().executor();
  const runtime::Instant begun = runtime::Clock::now();
  while (counter.events() < expected && runtime::Clock::now() - begun < patience) {
    co_await executor.sleep_for(std::chrono::microseconds{200});
  }
  co_await executor.sleep_for(std::chrono::milliseconds{2});
  co_return counter.events();
}

}  // namespace enlighten::test
