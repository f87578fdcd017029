// SPDX-License-Identifier: MIT
// Cases of one vCPU.
#include <chrono>
#include <memory>
#include <new>

#include <runtime/clock.hpp>
#include <runtime/signal.hpp>

#include <bench/mark.hpp>

#include "cases.hpp"
#include "co_check.hpp"

namespace enlighten::bench {
namespace {

using runtime::Guest;
using std::chrono::operator""us;

// IPI ports of the calling vCPU.
class Ports {
 public:
  [[nodiscard]] static Result<Ports> bind(Guest& guest, std::uint32_t count, guest::Event_handler* handler) {
    Ports ports;
    ports.ports_.reset(new (std::nothrow) guest::Bound_port[count]);
    if (!ports.ports_) {
      return Error::make(Error_kind::out_of_memory, "no memory for %u ports", static_cast<unsigned>(count));
    }
    const guest::Ready_vcpu here = ENLIGHTEN_TRY(guest.ready(runtime::this_vcpu().cpu));
    for (std::uint32_t index = 0; index < count; ++index) {
      ports.ports_[index] = ENLIGHTEN_TRY(guest.events().bind_ipi(here, handler));
    }
    return ports;
  }

  [[nodiscard]] guest::Bound_port& operator[](std::uint32_t index) const { return ports_[index]; }

 private:
  std::unique_ptr<guest::Bound_port[]> ports_;
};

// Says that it was reached, by a mark.
class Marking_handler final : public guest::Event_handler {
 public:
  explicit Marking_handler(const char* name) : name_{name} {}
  void on_event(Port) noexcept override { end(name_, 1); }

 private:
  const char* name_;
};

}  // namespace

runtime::Task<Result<>> own_event(Guest& guest, std::uint32_t ports, const char* name) {
  runtime::Signal signal{runtime::this_vcpu()};
  const Result<Ports> bound = Ports::bind(guest, ports, &signal);
  if (!bound) {
    co_return bound.error();
  }
  guest::Bound_port& port = (*bound)[ports - 1];
  for (std::uint32_t round = 0; round < rounds_before + rounds; ++round) {
    if (round == rounds_before) {
      begin(name, rounds);
    }
    ENLIGHTEN_CO_CHECK(port.send());
    co_await signal;
  }
  end(name, rounds);
  co_return Result<>{};
}

runtime::Task<Result<>> storm(Guest& guest, std::uint32_t ports, const char* name) {
  runtime::Signal signal{runtime::this_vcpu()};
  const Result<Ports> bound = Ports::bind(guest, ports, &signal);
  if (!bound) {
    co_return bound.error();
  }
  for (std::uint32_t time = 0; time < 2; ++time) {
    begin(name, ports);
    for (std::uint32_t index = 0; index < ports; ++index) {
      ENLIGHTEN_CO_CHECK((*bound)[index].send());
    }
    for (std::uint64_t taken = 0; taken < ports;) {
      taken += co_await signal;
    }
    end(name, ports);
  }
  co_return Result<>{};
}

runtime::Task<Result<>> overtaking(Guest& guest) {
  constexpr std::uint32_t in_front = 500;
  constexpr std::uint32_t least_urgent = 15;
  constexpr const char* name = "priority_0_behind_500";
  runtime::Signal signal{runtime::this_vcpu()};
  Marking_handler marking{name};
  const Result<Ports> slow = Ports::bind(guest, in_front, &signal);
  if (!slow) {
    co_return slow.error();
  }
  const Result<Ports> urgent = Ports::bind(guest, 1, &marking);
  if (!urgent) {
    co_return urgent.error();
  }
  ENLIGHTEN_CO_CHECK((*urgent)[0].set_priority(0));
  for (std::uint32_t index = 0; index < in_front; ++index) {
    ENLIGHTEN_CO_CHECK((*slow)[index].set_priority(least_urgent));
    ENLIGHTEN_CO_CHECK((*slow)[index].send());
  }
  begin(name, 1);
  ENLIGHTEN_CO_CHECK((*urgent)[0].send());
  for (std::uint64_t taken = 0; taken < in_front;) {
    taken += co_await signal;
  }
  co_return Result<>{};
}

runtime::Task<Result<>> operations(Guest& guest) {
  const Result<Ports> bound = Ports::bind(guest, 1, nullptr);
  if (!bound) {
    co_return bound.error();
  }
  const guest::Bound_port& port = (*bound)[0];
  begin("mask", rounds);
  for (std::uint32_t round = 0; round < rounds; ++round) {
    port.mask();
  }
  end("mask", rounds);
  begin("unmask", rounds);
  for (std::uint32_t round = 0; round < rounds; ++round) {
    ENLIGHTEN_CO_CHECK(port.unmask());
  }
  end("unmask", rounds);
  port.mask();
  begin("send_to_masked", rounds);
  for (std::uint32_t round = 0; round < rounds; ++round) {
    ENLIGHTEN_CO_CHECK(port.send());
  }
  end("send_to_masked", rounds);
  co_return Result<>{};
}

runtime::Task<Result<>> timers(Guest&) {
  constexpr std::uint32_t sleeps = 20;
  for (std::uint32_t sleep = 0; sleep < sleeps; ++sleep) {
    const runtime::Instant deadline = runtime::Clock::now() + 100us;
    co_await runtime::this_vcpu().executor().sleep_until(deadline);
    const auto late = runtime::Clock::now() - deadline;
    found("timer_late_ns", static_cast<std::uint64_t>(std::chrono::nanoseconds{late}.count()));
  }
  co_return Result<>{};
}

}  // namespace enlighten::bench
