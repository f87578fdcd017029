// SPDX-License-Identifier: MIT
// Cases of several vCPUs.
#include <memory>
#include <new>

#include <runtime/panic.hpp>
#include <runtime/signal.hpp>

#include <bench/mark.hpp>

#include "cases.hpp"
#include "co_check.hpp"

namespace enlighten::bench {
namespace {

using runtime::Guest;
using runtime::Vcpu;
using runtime::Work;

// One of two ends that send each other events; the first one counts.
class End final : public guest::Event_handler {
 public:
  [[nodiscard]] Result<> bind(Guest& guest, Cpu cpu) {
    port_ = ENLIGHTEN_TRY(guest.events().bind_ipi(ENLIGHTEN_TRY(guest.ready(cpu)), this));
    return {};
  }
  void connect(End& other, std::uint32_t left, runtime::Signal* done) {
    other_ = &other;
    left_ = left;
    done_ = done;
  }

  // The other end hears of it.
  void send() noexcept {
    // Nobody would wait for what does not come.
    if (const Result<> sent = other_->port_.send(); !sent) {
      runtime::panic("an event between two vCPUs: %s", sent.error().text());
    }
  }
  void on_event(Port port) noexcept override {
    if (done_ != nullptr && --left_ == 0) {
      done_->on_event(port);
      return;
    }
    send();
  }

 private:
  guest::Bound_port port_;
  End* other_ = nullptr;
  runtime::Signal* done_ = nullptr;
  std::uint32_t left_ = 0;
};

// The same by posted work.
struct Ball : Work {
  Vcpu* near = nullptr;
  Vcpu* far = nullptr;
  bool is_far = false;
  std::uint32_t left = 0;
  runtime::Signal* done = nullptr;

  void hit() noexcept {
    if (!is_far && left == 0) {
      done->on_event(Port{0});
      return;
    }
    left -= is_far ? 0 : 1;
    is_far = !is_far;
    (is_far ? far : near)->post(*this);
  }
};

}  // namespace

runtime::Task<Result<>> ping_pong(Guest& guest) {
  runtime::Signal done{runtime::this_vcpu()};
  End near;
  End far;
  ENLIGHTEN_CO_CHECK(near.bind(guest, Cpu{0}));
  ENLIGHTEN_CO_CHECK(far.bind(guest, Cpu{1}));
  far.connect(near, 0, nullptr);
  near.connect(far, rounds_before, &done);
  near.send();
  co_await done;
  begin("ping_pong", rounds);
  near.connect(far, rounds, &done);
  near.send();
  co_await done;
  end("ping_pong", rounds);
  co_return Result<>{};
}

runtime::Task<Result<>> posting(Guest& guest) {
  runtime::Signal done{runtime::this_vcpu()};
  Ball ball;
  ball.run = [](Work& work) { static_cast<Ball&>(work).hit(); };
  ball.near = &runtime::this_vcpu();
  ball.far = &guest.vcpu(Cpu{1});
  ball.done = &done;
  ball.left = rounds_before;
  ball.hit();
  co_await done;
  begin("post_and_back", rounds);
  ball.left = rounds;
  ball.hit();
  co_await done;
  end("post_and_back", rounds);
  co_return Result<>{};
}

runtime::Task<Result<>> all_to_all(Guest& guest) {
  constexpr std::uint32_t exchanges = 4;
  const std::uint32_t cpus = guest.cpus();
  const std::uint32_t pairs = cpus * (cpus - 1) / 2;
  runtime::Signal done{runtime::this_vcpu()};
  const std::unique_ptr<End[]> ends{new (std::nothrow) End[std::size_t{pairs} * 2]};
  if (!ends) {
    co_return Error::make(Error_kind::out_of_memory, "no memory for %u pairs", static_cast<unsigned>(pairs));
  }
  std::uint32_t pair = 0;
  for (std::uint32_t one = 0; one < cpus; ++one) {
    for (std::uint32_t other = one + 1; other < cpus; ++other, ++pair) {
      End& near = ends[std::size_t{pair} * 2];
      End& far = ends[std::size_t{pair} * 2 + 1];
      ENLIGHTEN_CO_CHECK(near.bind(guest, Cpu{one}));
      ENLIGHTEN_CO_CHECK(far.bind(guest, Cpu{other}));
      far.connect(near, 0, nullptr);
      near.connect(far, exchanges, &done);
    }
  }
  begin("all_to_all", std::uint64_t{pairs} * exchanges);
  for (std::uint32_t index = 0; index < pairs; ++index) {
    ends[std::size_t{index} * 2].send();
  }
  for (std::uint64_t finished = 0; finished < pairs;) {
    finished += co_await done;
  }
  end("all_to_all", std::uint64_t{pairs} * exchanges);
  co_return Result<>{};
}

}  // namespace enlighten::bench
