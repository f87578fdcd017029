// SPDX-License-Identifier: MIT
// Does what a toolstack asks, and counts it: to be driven from domain 0.
//
// Promised: by the product, that each request is acknowledged and done once, on however many vCPUs. Done: events go
// round all vCPUs that are on, all the time, while vCPUs are turned off and on beneath them. Would go wrong: a
// request is done twice, since its acknowledgement fires the watch again; the vCPU that serves goes off and with it
// the service; an event is lost on the way.
#include <array>
#include <atomic>

#include <guest/bound_port.hpp>
#include <report/verdict.hpp>
#include <runtime/control.hpp>
#include <runtime/log.hpp>
#include <runtime/memory_target.hpp>
#include <runtime/program.hpp>
#include <runtime/signal.hpp>

using namespace enlighten;

namespace {

// Bounces between an event channel's two ends, wherever those are bound.
class Loop {
 public:
  explicit Loop(runtime::Guest& guest) noexcept : guest_{guest}, signal_{guest.vcpu(Cpu{0})} {}

  [[nodiscard]] Result<> bind(Cpu cpu) noexcept {
    const guest::Ready_vcpu ready = ENLIGHTEN_TRY(guest_.ready(cpu));
    far_ = ENLIGHTEN_TRY(guest_.events().alloc_unbound(abi::domain_self, ready, &signal_));
    near_ = ENLIGHTEN_TRY(guest_.events().bind_interdomain(abi::domain_self, far_.port(), ready, nullptr));
    return {};
  }

  // One event there and back; waits for it for ever.
  [[nodiscard]] runtime::Task<Result<>> once() {
    if (const Result<> sent = near_.send(); !sent) {
      co_return sent.error();
    }
    static_cast<void>(co_await signal_);
    ++rounds_;
    co_return Result<>{};
  }

  [[nodiscard]] std::uint64_t rounds() const noexcept { return rounds_; }

 private:
  runtime::Guest& guest_;
  runtime::Signal signal_;
  guest::Bound_port far_;
  guest::Bound_port near_;
  std::uint64_t rounds_ = 0;
};

class Handler final : public runtime::Control_handler {
 public:
  Handler(const runtime::Guest& guest, const Loop& loop) noexcept : guest_{guest}, loop_{loop} {}

  runtime::Task<> on_shutdown(runtime::Shutdown_request request) override {
    runtime::print("%.*s after %u keys, %u times off, %u times on, %u of %u vCPUs on, events %s",
                   static_cast<int>(runtime::words(request).size()), runtime::words(request).data(), keys_, off_,
                   on_, static_cast<unsigned>(guest_.online()), static_cast<unsigned>(guest_.cpus()),
                   loop_.rounds() > 0 ? "go round" : "stand still");
    co_return;
  }
  void on_key(char key) noexcept override {
    ++keys_;
    runtime::print("key %c", key);
  }
  void on_cpu(Cpu cpu, bool online) noexcept override {
    ++(online ? on_ : off_);
    runtime::print("vCPU %u is %s, served by %u", static_cast<unsigned>(guest_.map().id(cpu).value()),
                   online ? "on" : "off", static_cast<unsigned>(runtime::this_vcpu().cpu.value()));
  }

 private:
  const runtime::Guest& guest_;
  const Loop& loop_;
  unsigned keys_ = 0;
  unsigned off_ = 0;
  unsigned on_ = 0;
};

}  // namespace

runtime::Task<int> guest_main(runtime::Guest& guest) {
  if (const Result<> started = guest.start_all(); !started) {
    runtime::log(started.error());
    co_return report::exit_code(report::Verdict::error);
  }
  Loop loop{guest};
  if (const Result<> bound = loop.bind(Cpu{1}); !bound) {
    runtime::log(bound.error());
    co_return report::exit_code(report::Verdict::error);
  }
  Handler handler{guest, loop};
  if (const Result<> served = co_await runtime::serve_toolstack(guest, handler); !served) {
    runtime::log(served.error());
    co_return report::exit_code(report::Verdict::error);
  }
  if (const Result<> followed = co_await runtime::follow_memory_target(guest); !followed) {
    runtime::log(followed.error());
    co_return report::exit_code(report::Verdict::error);
  }
  runtime::print("at your service");
  // Until the toolstack ends it.
  for (;;) {
    if (const Result<> went = co_await loop.once(); !went) {
      runtime::log(went.error());
      co_return report::exit_code(report::Verdict::failure);
    }
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{10});
  }
}
