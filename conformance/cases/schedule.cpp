// SPDX-License-Identifier: MIT
// Giving up the processor, waiting for events, watchdogs, and ends that are not the caller's to cause.
#include <conformance/ports.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Sched_op;

[[nodiscard]] std::int64_t poll(Port* ports, std::uint32_t count, std::uint64_t timeout = 0) noexcept {
  return sched_op(Sched_op::poll, abi::Sched_poll{abi::Guest_handle{ports}, count, timeout});
}

void operations(Bench& bench) {
  const auto operation = [](std::uint64_t which, std::uint64_t argument) {
    return arch::hypercall(abi::Hypercall::sched_op, which, argument);
  };
  bench.check("yield", operation(0, 0), 0);
  bench.check("99", operation(99, nowhere), -Errno::enosys);
  bench.check("8", operation(8, nowhere), -Errno::enosys);
  bench.check("shutdown from nowhere", operation(2, nowhere), -Errno::efault);
  bench.check("poll from nowhere", operation(3, nowhere), -Errno::efault);
  bench.check("remote_shutdown from nowhere", operation(4, nowhere), -Errno::efault);
  bench.check("watchdog from nowhere", operation(6, nowhere), -Errno::efault);
  // Who may is asked first.
  bench.check("pin_override from nowhere", operation(7, nowhere), -Errno::eperm);
}

void poll_refusals(Bench& bench) {
  Port wrong[] = {no_port};
  Port zero[] = {Port{0}};
  bench.check("129 ports", poll(wrong, abi::sched_poll_max_ports + 1), -Errno::einval);
  bench.check("129 ports from nowhere", poll(reinterpret_cast<Port*>(nowhere), abi::sched_poll_max_ports + 1),
              -Errno::einval);
  bench.check("ports from nowhere", poll(reinterpret_cast<Port*>(nowhere), 1), -Errno::efault);
  bench.check("port 5000", poll(wrong, 1), -Errno::einval);
  bench.check("port 0", poll(zero, 1), -Errno::einval);
}

void poll_pending(Bench& bench) {
  Port ports[] = {bound(bench, "bind_ipi", bind_ipi(self)), bound(bench, "bind_ipi", bind_ipi(self))};
  mask(bench, ports[1]);
  bench.check("send on the second, which is masked", send(ports[1]), 0);
  bench.check("poll of both", poll(ports, 2), 0);
  bench.check_that("it is pending still", is_pending(bench, ports[1]));
}

void poll_timeout(Bench& bench) {
  Port ports[] = {bound(bench, "bind_ipi", bind_ipi(self))};
  // A nanosecond after Xen's start, which is over.
  bench.check("poll", poll(ports, 1, 1), 0);
  bench.check("poll of nothing", poll(ports, 0, 1), 0);
}

void remote_shutdown(Bench& bench) {
  const Domain_id own = status_of(bound(bench, "alloc_unbound", alloc_unbound())).u.unbound;
  using abi::Sched_remote_shutdown;
  constexpr auto reason = abi::Shutdown_reason::poweroff;
  bench.check("of domain 99", sched_op(Sched_op::remote_shutdown, Sched_remote_shutdown{no_domain, reason}),
              -Errno::esrch);
  bench.check("of itself", sched_op(Sched_op::remote_shutdown, Sched_remote_shutdown{own, reason}), -Errno::eperm);
}

void pinning(Bench& bench) {
  bench.check("to processor 0", sched_op(Sched_op::pin_override, abi::Sched_pin_override{0}), -Errno::eperm);
  bench.check("to none", sched_op(Sched_op::pin_override, abi::Sched_pin_override{-1}), -Errno::eperm);
}

[[nodiscard]] std::int64_t watchdog(std::uint32_t id, std::uint32_t timeout) noexcept {
  return sched_op(Sched_op::watchdog, abi::Sched_watchdog{id, timeout});
}

void watchdogs(Bench& bench) {
  constexpr std::uint32_t long_enough = 600;
  bench.check("a first", watchdog(0, long_enough), 1);
  bench.check("a second", watchdog(0, long_enough), 2);
  // -ENOSPC in 32 bits: the other outcome of the same expression is unsigned.
  bench.check("a third", watchdog(0, long_enough), static_cast<std::uint32_t>(-Errno::enospc));
  bench.check("the first is fed", watchdog(1, long_enough), 0);
  bench.check("the first ends", watchdog(1, 0), 0);
  bench.check("and again", watchdog(1, 0), -Errno::einval);
  bench.check("it is fed", watchdog(1, long_enough), -Errno::einval);
  bench.check("the next one", watchdog(0, long_enough), 1);
  bench.check("watchdog 3", watchdog(3, long_enough), -Errno::einval);
  bench.check("watchdog 9", watchdog(9, long_enough), -Errno::einval);
  bench.check("the first ends", watchdog(1, 0), 0);
  bench.check("the second ends", watchdog(2, 0), 0);
}

constexpr Case cases[] = {
    {"operations end at pin_override, and read their argument first", "SCHEDOP_* ([xen] sched.h)", operations},
    {"a poll is of 128 ports at most, which can be read and can be used",
     "SCHEDOP_poll: EINVAL for too many or for a port that cannot be polled, EFAULT for the list ([xen] sched.h)",
     poll_refusals},
    {"a poll returns at once if a port is pending, masked or not, and leaves it so",
     "SCHEDOP_poll waits until a port is pending; a guest masks what it polls ([xen] sched.h)", poll_pending},
    {"a poll whose time is over returns at once",
     "sched_poll.timeout is absolute system time in nanoseconds "
     "([xen] sched.h)",
     poll_timeout},
    {"an ordinary domain shuts down nobody by number, not even itself",
     "SCHEDOP_remote_shutdown is for control domains ([xen] sched.h)", remote_shutdown},
    {"an ordinary domain cannot pin itself", "SCHEDOP_pin_override is for the hardware domain ([xen] sched.h)",
     pinning},
    {"a domain has two watchdogs, numbered from 1",
     "SCHEDOP_watchdog: id 0 sets one up, timeout 0 ends it ([xen] sched.h)", watchdogs,
     "one too many is 0xffffffe4, which is no error to a caller of 64 bits, instead of -ENOSPC"},
};

}  // namespace

constinit const Subject schedule_subject{"schedule", cases};

}  // namespace enlighten::conformance
