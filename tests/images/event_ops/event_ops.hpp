// SPDX-License-Identifier: MIT
// The parts of this test, each a few results, and what they share.
#pragma once

#include <abi/event_channel.hpp>
#include <guest/hypercalls.hpp>
#include <report/ktap.hpp>
#include <runtime/guest.hpp>
#include <runtime/task.hpp>

namespace event_ops {

using namespace enlighten;
using runtime::Guest;

struct Test {
  Guest& guest;
  report::Ktap& ktap;
  guest::Xen_version xen;

  [[nodiscard]] bool xen_from(std::uint32_t major, std::uint32_t minor) const noexcept {
    return xen.major > major || (xen.major == major && xen.minor >= minor);
  }
  [[nodiscard]] bool fifo() const noexcept { return guest.events().abi() == guest::Event_abi::fifo; }
  // All vCPUs are online by now.
  [[nodiscard]] guest::Ready_vcpu ready(std::uint32_t cpu) const noexcept { return *guest.ready(Cpu{cpu}); }
};

// No vCPU, domain or port of ours has these; the port lies beyond what Xen has allocated, whatever that is.
inline constexpr Vcpu_id no_vcpu{99};
inline constexpr Domain_id no_domain{99};
inline constexpr Port no_port{5000};

// The operation without what the product adds to it.
template <typename Argument>
[[nodiscard]] Result<> raw(const Guest& guest, abi::Event_channel_op operation, Argument&& argument) noexcept {
  return guest.xen().event_channel(guest::Call::event_other, operation, argument);
}

[[nodiscard]] inline Result<abi::Evtchn_status> status_of(const Guest& guest, Port port,
                                                          Domain_id dom = abi::domain_self) noexcept {
  abi::Evtchn_status status{.dom = dom, .port = port};
  ENLIGHTEN_TRY(raw(guest, abi::Event_channel_op::status, status));
  return status;
}

runtime::Task<> ipis(Test& test);
runtime::Task<> virqs(Test& test);
runtime::Task<> loops(Test& test);
runtime::Task<> moves(Test& test);
runtime::Task<> masks(Test& test);
runtime::Task<> closes(Test& test);
void priorities(Test& test);
void refusals(Test& test);
void control_blocks(Test& test);
// The last: afterwards there are no events.
void reset(Test& test);

}  // namespace event_ops
