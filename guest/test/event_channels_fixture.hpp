// SPDX-License-Identifier: MIT
// What the tests of event channels share: a handler that counts, and a domain booted with either ABI.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include <arch/fiber.hpp>
#include <guest/event_channels.hpp>

#include "scripted_domain.hpp"

namespace enlighten::guest {

using arch::hosted::Fiber;
using test::Scripted_domain;
using Calls = std::vector<std::string>;

template <typename T>
std::string error_of(const Result<T>& result) {
  return result ? "no error" : result.error().text();
}

struct Counter final : Event_handler {
  void on_event(Port port) noexcept override {
    ++events;
    last = port;
    if (action) {
      action();
    }
  }
  int events = 0;
  Port last{0};
  std::function<void()> action;
};

// --- Choosing the ABI.

class Bind : public testing::TestWithParam<Event_preference> {
 protected:
  Bind() { domain.boot_all(GetParam()); }

  [[nodiscard]] bool at_fifo() const { return GetParam() == Event_preference::fifo; }
  void raise(const Bound_port& port, std::uint32_t cpu) {
    if (at_fifo()) {
      domain.raise_fifo(port.port(), cpu);
    } else {
      domain.raise_two_level(port.port(), cpu);
    }
  }
  Bound_port ipi(std::uint32_t cpu, Event_handler* handler) {
    return value_of(domain.events.bind_ipi(domain.ready(cpu), handler));
  }
  Bound_port movable(std::uint32_t cpu, Event_handler* handler) {
    return value_of(domain.events.alloc_unbound(abi::domain_self, domain.ready(cpu), handler));
  }

  Scripted_domain domain{4, Vcpu_id{1}};  // cpu 0 is vCPU 1, cpu 1 is vCPU 0
};

}  // namespace enlighten::guest
