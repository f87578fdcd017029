// SPDX-License-Identifier: MIT
// Binds event channels to two vCPUs: a port with a handler, masked and unmasked, and a loop that a coroutine waits
// for.
#include <atomic>

#include <runtime/log.hpp>
#include <runtime/program.hpp>
#include <runtime/signal.hpp>

using namespace enlighten;
using runtime::Guest;
using std::chrono::operator""ms;

namespace {

// Called on the vCPU the port is bound to, each time an event is there.
class Counter final : public guest::Event_handler {
 public:
  void on_event(Port port) noexcept override {
    runtime::log("an event on port ", port, ", handled by vCPU ", runtime::this_vcpu().vcpu);
    events_.fetch_add(1, std::memory_order_relaxed);
  }

  // Other work goes on meanwhile.
  runtime::Task<> reach(unsigned wanted) {
    while (events_.load(std::memory_order_relaxed) < wanted) {
      co_await runtime::this_vcpu().executor().sleep_for(1ms);
    }
  }

 private:
  std::atomic<unsigned> events_{0};
};

// Says what went wrong, if anything did.
[[nodiscard]] bool fine(const Result<>& result) {
  if (!result) {
    runtime::log(result.error());
  }
  return result.has_value();
}

// A port of an IPI, with a handler on `other`.
runtime::Task<bool> show_handler(Guest& guest, guest::Ready_vcpu other) {
  Counter counter;
  Result<guest::Bound_port> port = guest.events().bind_ipi(other, &counter);
  if (!port) {
    runtime::log(port.error());
    co_return false;
  }
  runtime::log("port ", port->port(), " is bound to vCPU ", other.vcpu());
  if (!fine(port->send())) {
    co_return false;
  }
  co_await counter.reach(1);

  port->mask();
  if (!fine(port->send())) {
    co_return false;
  }
  runtime::log("sent while masked; pending: ", port->is_pending());
  if (!fine(port->unmask())) {
    co_return false;
  }
  co_await counter.reach(2);

  // From 0, the most urgent, to 15. The 2-level ABI has none, and Xen says so.
  runtime::log("priority 0: ", fine(port->set_priority(0)) ? "set" : "not there");
  co_return true;  // the port is closed as it goes
}

// Two ports of this domain joined: what goes in at one comes out at the other, here waited for with co_await.
runtime::Task<bool> show_loop(Guest& guest, guest::Ready_vcpu here) {
  runtime::Signal signal{runtime::this_vcpu()};
  Result<guest::Bound_port> out = guest.events().alloc_unbound(abi::domain_self, here, &signal);
  if (!out) {
    runtime::log(out.error());
    co_return false;
  }
  Result<guest::Bound_port> in = guest.events().bind_interdomain(abi::domain_self, out->port(), here, nullptr);
  if (!in || !fine(in->send())) {
    co_return false;
  }
  runtime::log("into port ", in->port(), " and out of port ", out->port(), ": ", co_await signal, " event");
  co_return true;
}

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  if (!guest.xen_domain()) {
    runtime::print("not on Xen: there are no event channels");
    co_return 3;
  }
  if (!fine(guest.start_all())) {
    co_return 1;
  }
  const Result<guest::Ready_vcpu> here = guest.ready(Cpu{0});
  const Result<guest::Ready_vcpu> other = guest.ready(Cpu{guest.cpus() > 1 ? 1U : 0U});
  const bool shown = here && other && co_await show_handler(guest, *other) && co_await show_loop(guest, *here);
  co_return shown ? 0 : 1;
}
