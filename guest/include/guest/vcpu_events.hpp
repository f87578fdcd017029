// SPDX-License-Identifier: MIT
// What one vCPU needs to take events, and the token that says it can.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include <abi/event_fifo.hpp>
#include <abi/vcpu_info.hpp>
#include <base/ids.hpp>
#include <guest/delivery_place.hpp>
#include <guest/fifo_queue.hpp>
#include <guest/two_level_queue.hpp>

namespace enlighten::guest {

class Event_channels;
class Vcpu_events;

// Proof that a vCPU has been through its starting steps: Xen knows its vcpu_info and, with FIFO, its control block.
// Only Event_channels makes one, so binding a port to a vCPU that would lose its events cannot be written. What Xen
// has been told lasts through CPU_OFF: events for a vCPU that is off wait for it. A token is void after reset().
class Ready_vcpu {
 public:
  [[nodiscard]] Cpu cpu() const noexcept { return cpu_; }
  [[nodiscard]] Vcpu_id vcpu() const noexcept { return vcpu_; }

 private:
  friend class Event_channels;
  Ready_vcpu(Cpu cpu, Vcpu_id vcpu, Vcpu_events& events) noexcept : events_{&events}, cpu_{cpu}, vcpu_{vcpu} {}

  Vcpu_events* events_;
  Cpu cpu_;
  Vcpu_id vcpu_;
};

// The two structures are shared with Xen for as long as the domain lives, and each lies within one page.
class Vcpu_events {
 public:
  Vcpu_events(abi::Vcpu_info& info, abi::Evtchn_fifo_control_block& block) noexcept
      : info_{&info}, block_{&block}, fifo_{info, block}, two_level_{info} {}
  Vcpu_events(const Vcpu_events&) = delete;
  Vcpu_events& operator=(const Vcpu_events&) = delete;

  [[nodiscard]] const abi::Vcpu_info& info() const noexcept { return *info_; }
  [[nodiscard]] std::uint64_t delivered() const noexcept { return delivered_.load(std::memory_order_relaxed); }

 private:
  friend class Event_channels;

  abi::Vcpu_info* info_;
  abi::Evtchn_fifo_control_block* block_;
  Fifo_consumer<> fifo_;
  Two_level_consumer<> two_level_;
  std::optional<Ready_vcpu> ready_;
  Vcpu_events* next_ = nullptr;
  Delivery_place place_;
  bool port_is_gone_ = false;  // the handler that runs here has closed its own port
  std::atomic<std::uint64_t> delivered_{0};
};

}  // namespace enlighten::guest
