// SPDX-License-Identifier: MIT
// Giving up the processor, and ending: SCHEDOP_*, SHUTDOWN_* ([xen] sched.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include <abi/guest_handle.hpp>
#include <base/ids.hpp>

namespace enlighten::abi {

enum class Sched_op : std::uint32_t {
  yield = 0,
  block = 1,  // also unmasks the caller's interrupts: prefer WFI
  shutdown = 2,
  poll = 3,
  remote_shutdown = 4,
  shutdown_code = 5,
  watchdog = 6,
  pin_override = 7,
};

enum class Shutdown_reason : std::uint32_t {
  poweroff = 0,
  reboot = 1,
  suspend = 2,
  crash = 3,
  watchdog = 4,
  soft_reset = 5,
};

struct Sched_shutdown {
  Shutdown_reason reason;
};
static_assert(sizeof(Sched_shutdown) == 4);

inline constexpr std::uint32_t sched_poll_max_ports = 128;

struct Sched_poll {
  Guest_handle<Port> ports;
  std::uint32_t nr_ports = 0;
  std::uint64_t timeout = 0;  // absolute system time in nanoseconds; 0 waits without an end
};
static_assert(sizeof(Sched_poll) == 24);
static_assert(offsetof(Sched_poll, nr_ports) == 8);
static_assert(offsetof(Sched_poll, timeout) == 16);

struct Sched_remote_shutdown {
  Domain_id domain_id;
  Shutdown_reason reason;
};
static_assert(sizeof(Sched_remote_shutdown) == 8);
static_assert(offsetof(Sched_remote_shutdown, reason) == 4);

// id 0 sets a new one up and returns its id; a timeout (seconds) of 0 destroys it; otherwise the dog is fed.
struct Sched_watchdog {
  std::uint32_t id = 0;
  std::uint32_t timeout = 0;
};
static_assert(sizeof(Sched_watchdog) == 8);
static_assert(offsetof(Sched_watchdog, timeout) == 4);

struct Sched_pin_override {
  std::int32_t pcpu = -1;  // negative: no longer pinned
};
static_assert(sizeof(Sched_pin_override) == 4);

}  // namespace enlighten::abi
