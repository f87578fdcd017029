// SPDX-License-Identifier: MIT
// One CPU of the guest: its identity, its events, its executor, and the loop it lives in.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <optional>

#include <abi/event_fifo.hpp>
#include <abi/vcpu_info.hpp>
#include <arch/gic.hpp>
#include <guest/cpu_local.hpp>
#include <guest/vcpu_events.hpp>
#include <report/line.hpp>
#include <runtime/executor.hpp>

namespace enlighten::runtime {

class Device_interrupt;
class Guest;

// What Xen writes for one vCPU: both structures within one page, which 256 bytes at a multiple of that always are.
struct alignas(256) Shared_with_xen {
  abi::Vcpu_info info;
  abi::Evtchn_fifo_control_block block;
};

class Vcpu : public guest::Cpu_local {
 public:
  Vcpu(Guest& guest, Cpu self, Vcpu_id id, Mpidr mpidr, std::uint64_t exception_stack) noexcept;
  Vcpu(const Vcpu&) = delete;
  Vcpu& operator=(const Vcpu&) = delete;

  [[nodiscard]] Guest& guest() const noexcept { return guest_; }
  [[nodiscard]] Mpidr mpidr() const noexcept { return mpidr_; }
  [[nodiscard]] Executor& executor() noexcept { return executor_; }
  [[nodiscard]] const abi::Vcpu_info& info() const noexcept { return shared_.info; }
  [[nodiscard]] std::uint64_t events_delivered() const noexcept { return events_.delivered(); }

  // From any vCPU: `work` runs here, once. Its memory is the poster's until then.
  void post(Work& work) noexcept;

  // co_await vcpu.here(): the rest of the coroutine runs on this vCPU.
  class [[nodiscard]] Hop {
   public:
    explicit Hop(Vcpu& to) noexcept : to_{to} {}
    [[nodiscard]] bool await_ready() const noexcept { return &guest::cpu_local() == &to_; }
    void await_suspend(std::coroutine_handle<> waiter) noexcept;
    void await_resume() const noexcept {}

   private:
    Vcpu& to_;
    Resume resume_;
  };
  // This CPU's part of the interrupt controller, for who takes interrupts himself; between start and stop, and on
  // this CPU only.
  [[nodiscard]] const arch::Gic_cpu& gic() const noexcept { return *gic_; }
  [[nodiscard]] Hop here() noexcept { return Hop{*this}; }

 private:
  friend class Device_interrupt;
  friend class Guest;
  friend class Start;
  friend class Steps;

  // Ends another vCPU's sleep.
  static constexpr Interrupt wake_sgi{0};

  // Until this CPU is to stop, and then does.
  [[noreturn]] void run() noexcept;
  [[noreturn]] static void leave(Vcpu& self) noexcept;
  [[noreturn]] void turn_off() noexcept;
  void take_interrupts() noexcept;
  void deliver_events() noexcept;
  void sleep() noexcept;
  void wake() noexcept;

  Shared_with_xen shared_;
  Guest& guest_;
  Mpidr mpidr_;
  Executor executor_;
  guest::Vcpu_events events_;
  std::optional<guest::Ready_vcpu> ready_;
  std::optional<guest::Ready_vcpu> heir_;  // takes the ports that can move when this one stops
  std::optional<arch::Gic_cpu> gic_;
  // Set, on this CPU, when it is to stop: leave(), by a pointer, for an image that stops no CPU not to contain it.
  void (*leave_)(Vcpu& self) noexcept = nullptr;
  // The same for devices; what takes the interrupts of those that are attached.
  Device_interrupt* devices_ = nullptr;
  bool (*take_device_)(Vcpu& self, Interrupt interrupt) noexcept = nullptr;
  bool reported_broken_queue_ = false;

 public:
  // The line that printf() is in the middle of.
  report::Line output;
};

// The calling CPU's.
[[nodiscard]] inline Vcpu& this_vcpu() noexcept {
  return static_cast<Vcpu&>(guest::cpu_local());
}

}  // namespace enlighten::runtime
