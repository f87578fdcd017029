// SPDX-License-Identifier: MIT
// The boot CPU may be any vCPU: here it is vCPU 3, and vCPU 0 is off.
//
// Promised: index, MPIDR and vCPU id are three things; nothing assumes that the boot CPU is vCPU 0. Done: the
// program boots on vCPU 3 (see handover.S), brings vCPU 0 up as a secondary, and sends events between all, over
// IPIs and over a loop whose ports Xen binds to vCPU 0 first. Would go wrong: a control block or vcpu_info
// registered for the wrong vCPU, which Xen refuses or, worse, accepts; events for vCPU 0 that Xen drops.
#include <report/ktap.hpp>
#include <runtime/console.hpp>
#include <runtime/program.hpp>
#include <runtime/signal.hpp>

using namespace enlighten;
using runtime::Guest;

namespace {

// Between two ports of our own: an event into one comes out of the other.
runtime::Task<Result<std::uint64_t>> loop_on(Guest& guest, Cpu cpu) {
  runtime::Vcpu& vcpu = guest.vcpu(cpu);
  co_await vcpu.here();
  const Result<guest::Ready_vcpu> ready = guest.ready(cpu);
  if (!ready) {
    co_return std::unexpected{ready.error()};
  }
  runtime::Signal signal{vcpu};
  Result<guest::Bound_port> far = guest.events().alloc_unbound(abi::domain_self, *ready, &signal);
  if (!far) {
    co_return std::unexpected{far.error()};
  }
  Result<guest::Bound_port> near = guest.events().bind_interdomain(abi::domain_self, far->port(), *ready, nullptr);
  if (!near) {
    co_return std::unexpected{near.error()};
  }
  if (const Result<> sent = near->send(); !sent) {
    co_return std::unexpected{sent.error()};
  }
  co_return co_await signal;
}

runtime::Task<Result<std::uint64_t>> ipi_to(Guest& guest, Cpu cpu) {
  runtime::Vcpu& vcpu = guest.vcpu(cpu);
  runtime::Signal signal{vcpu};
  const Result<guest::Ready_vcpu> ready = guest.ready(cpu);
  if (!ready) {
    co_return std::unexpected{ready.error()};
  }
  Result<guest::Bound_port> port = guest.events().bind_ipi(*ready, &signal);
  if (!port) {
    co_return std::unexpected{port.error()};
  }
  if (const Result<> sent = port->send(); !sent) {
    co_return std::unexpected{sent.error()};
  }
  co_await vcpu.here();
  co_return co_await signal;
}

void check(report::Ktap& ktap, const Result<std::uint64_t>& events, const char* name) {
  if (!events) {
    ktap.diagnose(events.error().text());
  }
  if (events && *events == 1) {
    ktap.pass(name);
  } else {
    ktap.fail(name);
  }
}

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  report::Ktap ktap{runtime::console()};
  const auto claim = [&](bool holds, const char* name) { holds ? ktap.pass(name) : ktap.fail(name); };
  claim(guest.vcpu(Cpu{0}).vcpu == Vcpu_id{3}, "the boot CPU is vCPU 3");
  const std::optional<Cpu> first = guest.map().find(Vcpu_id{0});
  claim(first.has_value() && *first != Cpu{0}, "vCPU 0 is a secondary");
  const Result<> started = guest.start_all();
  if (!started) {
    ktap.diagnose(started.error().text());
  }
  claim(started.has_value(), "all others come online");
  claim(guest.online() == guest.cpus(), "so that all are online");
  for (std::uint32_t index = 0; started && index < guest.cpus(); ++index) {
    const Cpu cpu{index};
    char name[64];
    std::snprintf(name, sizeof name, "an IPI reaches vCPU %u", static_cast<unsigned>(guest.vcpu(cpu).vcpu.value()));
    check(ktap, co_await ipi_to(guest, cpu), name);
    std::snprintf(name, sizeof name, "a loop of events works on vCPU %u",
                  static_cast<unsigned>(guest.vcpu(cpu).vcpu.value()));
    check(ktap, co_await loop_on(guest, cpu), name);
    co_await guest.vcpu(Cpu{0}).here();
  }
  co_return report::exit_code(ktap.finish());
}
