// SPDX-License-Identifier: MIT
// One vCPU's way off and back, step by step.
#include "rounds.hpp"

#include <abi/event_channel.hpp>

namespace hotplug_rounds {
namespace {

// Until `reached` says so, or for as long as patience lasts; says which.
template <typename Reached>
runtime::Task<bool> until(Reached reached) noexcept {
  const runtime::Instant begun = runtime::Clock::now();
  while (!reached()) {
    if (runtime::Clock::now() - begun > test::patience) {
      co_return false;
    }
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::microseconds{100});
  }
  co_return true;
}

// Counts up to what is expected, and no further.
runtime::Task<> expect_count(test::Case& claim, const test::Counter& counter, std::uint32_t expected, Cpu cpu,
                             const char* what) noexcept {
  static_cast<void>(co_await until([&] { return counter.events() >= expected; }));
  claim.equal(counter.events(), expected, what);
  claim.equal(counter.cpu().value(), cpu.value(), "the CPU it was handled on");
}

}  // namespace

Claims::Claims(report::Ktap& ktap) noexcept
    : off{ktap, "a vCPU that was stopped is off, for us and for PSCI"},
      moved{ktap, "ports that can move go to the vCPU that asked, and work there"},
      waits{ktap, "nothing that is sent to a vCPU is handled while it is off"},
      back{ktap, "what was sent to it is there when it is back, once"},
      works_on{ktap, "and all its ports work as before"} {}

bool Claims::hold() const noexcept {
  return !off.failed() && !moved.failed() && !waits.failed() && !back.failed() && !works_on.failed();
}

Result<> Rounds::bind_ports() noexcept {
  for (std::uint32_t index = 0; index < guest_.cpus(); ++index) {
    Subject& subject = subjects_[index];
    subject.errand.run = [](runtime::Work& work) {
      auto& errand = static_cast<Subject::Errand&>(work);
      errand.cpu.store(guest::cpu_local().cpu.value(), std::memory_order_relaxed);
      errand.runs.fetch_add(1, std::memory_order_release);
    };
    if (!guest_.xen_domain()) {
      continue;
    }
    guest::Event_channels& events = guest_.events();
    const guest::Ready_vcpu vcpu = ENLIGHTEN_TRY(guest_.ready(Cpu{index}));
    subject.ipi = ENLIGHTEN_TRY(events.bind_ipi(vcpu, &subject.ipi_events));
    subject.loop_out = ENLIGHTEN_TRY(events.alloc_unbound(abi::domain_self, vcpu, &subject.loop_events));
    subject.loop_in =
        ENLIGHTEN_TRY(events.bind_interdomain(abi::domain_self, subject.loop_out.port(), vcpu, nullptr));
  }
  return {};
}

runtime::Task<> Rounds::run(Cpu asker, Cpu target) noexcept {
  co_await guest_.vcpu(asker).here();
  Subject& subject = subjects_[target.value()];
  if (!turn_off(target)) {
    co_return;
  }
  if (guest_.xen_domain()) {
    co_await use_moved_port(asker, subject);
  }
  send_to_nobody(target, subject);
  if (!claims_.back.works(guest_.start(target), "start")) {
    co_return;
  }
  co_await find_what_waited(target, subject);
  if (guest_.xen_domain()) {
    co_await use_all_again(target, subject);
  }
}

runtime::Task<> Rounds::run_in_haste(Cpu asker, Cpu target) noexcept {
  co_await guest_.vcpu(asker).here();
  if (!claims_.off.works(guest_.stop(target), "stop") || !claims_.back.works(guest_.start(target), "start")) {
    co_return;
  }
  if (guest_.xen_domain()) {
    co_await use_all_again(target, subjects_[target.value()]);
  }
}

bool Rounds::turn_off(Cpu target) noexcept {
  if (!claims_.off.works(guest_.stop(target), "stop")) {
    return false;
  }
  claims_.off.expect(!guest_.is_online(target), "the CPU is not online");
  claims_.off.equal(guest_.online(), guest_.cpus() - 1, "CPUs online");
  const Result<arch::Cpu_power> power = psci_.cpu_power(guest_.map().mpidr(target));
  claims_.off.expect(power && *power == arch::Cpu_power::off, "AFFINITY_INFO says off");
  return true;
}

runtime::Task<> Rounds::use_moved_port(Cpu asker, Subject& subject) noexcept {
  for (const guest::Bound_port* port : {&subject.loop_out, &subject.loop_in}) {
    const Result<abi::Evtchn_status> status = port->status();
    claims_.moved.expect(status && status->vcpu == guest_.map().id(asker), "Xen has the port at who asked");
  }
  claims_.moved.works(subject.loop_in.send(), "send");
  co_await expect_count(claims_.moved, subject.loop_events, ++subject.loop_expected, asker,
                        "events of the moved port");
}

// Two events, which merge into one.
void Rounds::send_to_nobody(Cpu target, Subject& subject) noexcept {
  if (guest_.xen_domain()) {
    claims_.waits.works(subject.ipi.send(), "send");
    claims_.waits.works(subject.ipi.send(), "send");
    claims_.waits.expect(subject.ipi.is_pending(), "the event is pending");
    claims_.waits.equal(subject.ipi_events.events(), subject.ipi_expected, "IPIs handled before it is back");
  }
  guest_.vcpu(target).post(subject.errand);
  claims_.waits.equal(subject.errand.runs.load(std::memory_order_acquire), subject.errands_expected,
                      "errands run before it is back");
}

runtime::Task<> Rounds::find_what_waited(Cpu target, Subject& subject) noexcept {
  claims_.back.expect(guest_.is_online(target), "the CPU is online");
  const Result<arch::Cpu_power> power = psci_.cpu_power(guest_.map().mpidr(target));
  claims_.back.expect(power && *power == arch::Cpu_power::on, "AFFINITY_INFO says on");
  const std::uint32_t errands = ++subject.errands_expected;
  static_cast<void>(co_await until([&] { return subject.errand.runs.load(std::memory_order_acquire) >= errands; }));
  claims_.back.equal(subject.errand.runs.load(std::memory_order_acquire), errands, "errands run");
  claims_.back.equal(subject.errand.cpu.load(std::memory_order_relaxed), target.value(), "on the CPU");
  if (guest_.xen_domain()) {
    co_await expect_count(claims_.back, subject.ipi_events, ++subject.ipi_expected, target, "IPIs handled");
  }
}

runtime::Task<> Rounds::use_all_again(Cpu target, Subject& subject) noexcept {
  const guest::Ready_vcpu vcpu = ready(target);
  claims_.works_on.works(subject.loop_out.move_to(vcpu), "moving the port back");
  claims_.works_on.works(subject.loop_in.move_to(vcpu), "moving its peer back");
  claims_.works_on.works(subject.loop_in.send(), "send");
  co_await expect_count(claims_.works_on, subject.loop_events, ++subject.loop_expected, target,
                        "events of the loop");
  claims_.works_on.works(subject.ipi.send(), "send");
  co_await expect_count(claims_.works_on, subject.ipi_events, ++subject.ipi_expected, target, "IPIs handled");
}

}  // namespace hotplug_rounds
