// SPDX-License-Identifier: MIT
// Pairs of vCPUs that send each other events, in waves of as many ports as a domain may have.
#include "exchange.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <new>

#include <report/record.hpp>
#include <runtime/console.hpp>
#include <runtime/log.hpp>

using namespace enlighten;
using runtime::Guest;
using runtime::Vcpu;
using runtime::Work;
using std::chrono::operator""ms;
using std::chrono::operator""s;

namespace {

constexpr std::uint32_t rounds = 4;
// A domain has 1,023 ports by default ([xen] dom0less, max_event_channels); some are in use already.
constexpr std::uint32_t ports_in_a_wave = 900;

// One direction between two vCPUs: `from` sends, `to` counts and answers, `from` sends again.
class Pair final : public guest::Event_handler {
 public:
  Result<> connect(Guest& guest, Vcpu& from, Vcpu& to) {
    guest_ = &guest;
    from_ = &from;
    to_ = &to;
    send_.pair = answer_.pair = this;
    send_.run = [](Work& work) { static_cast<Step&>(work).pair->send(); };
    answer_.run = [](Work& work) { static_cast<Step&>(work).pair->received_one(); };
    if (guest.xen_domain()) {
      port_ = ENLIGHTEN_TRY(guest.events().bind_ipi(ENLIGHTEN_TRY(guest.ready(to.cpu)), this));
    }
    return {};
  }

  void begin() { from_->post(send_); }

  [[nodiscard]] std::uint32_t sent() const { return sent_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t received() const { return received_.load(std::memory_order_relaxed); }
  // Acquire: with this comes that nobody touches the pair any more (release in send()).
  [[nodiscard]] bool done() const { return done_.load(std::memory_order_acquire); }

  void on_event(Port) noexcept override { received_one(); }

 private:
  struct Step : Work {
    Pair* pair;
  };

  void send() {
    const std::uint32_t already = sent_.load(std::memory_order_relaxed);
    if (already == rounds) {
      done_.store(true, std::memory_order_release);
      return;
    }
    sent_.store(already + 1, std::memory_order_relaxed);
    if (!guest_->xen_domain()) {
      to_->post(answer_);
    } else if (const Result<> sent = port_.send(); !sent) {
      runtime::log("cpu ", from_->cpu, " to cpu ", to_->cpu, ": ", sent.error());
    }
  }

  void received_one() {
    received_.store(received_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    from_->post(send_);
  }

  Guest* guest_ = nullptr;
  Vcpu* from_ = nullptr;
  Vcpu* to_ = nullptr;
  guest::Bound_port port_;
  Step send_;
  Step answer_;
  std::atomic<std::uint32_t> sent_{0};
  std::atomic<std::uint32_t> received_{0};
  std::atomic<bool> done_{false};
};

struct Sum {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
};

// All pairs of a wave, until each has had its last answer or nothing has moved for a long time.
runtime::Task<Sum> run_wave(Vcpu& self, Pair* pairs, std::uint32_t count) {
  for (std::uint32_t index = 0; index < count; ++index) {
    pairs[index].begin();
  }
  Sum sum;
  runtime::Instant last_progress = runtime::Clock::now();
  for (;;) {
    Sum now;
    std::uint32_t done = 0;
    for (std::uint32_t index = 0; index < count; ++index) {
      now.sent += pairs[index].sent();
      now.received += pairs[index].received();
      done += pairs[index].done() ? 1U : 0U;
    }
    if (now.received != sum.received) {
      last_progress = runtime::Clock::now();
    }
    sum = now;
    if (done == count || runtime::Clock::now() - last_progress > 20s) {
      co_return sum;
    }
    co_await self.executor().sleep_for(2ms);
  }
}

}  // namespace

runtime::Task<int> exchange_events(Guest& guest) {
  const std::uint32_t cpus = guest.cpus();
  if (cpus == 1) {
    runtime::print("one vCPU has nobody to send events to");
    co_return 0;
  }
  const std::uint32_t distances = std::max(1U, std::min(cpus - 1, ports_in_a_wave / cpus));
  Sum total;
  for (std::uint32_t first = 1; first < cpus; first += distances) {
    const std::uint32_t last = std::min(cpus, first + distances);
    const std::uint32_t count = (last - first) * cpus;
    const std::unique_ptr<Pair[]> pairs{new (std::nothrow) Pair[count]};
    if (!pairs) {
      runtime::log("out of memory for ", count, " pairs");
      co_return 1;
    }
    for (std::uint32_t index = 0; index < count; ++index) {
      const std::uint32_t from = index % cpus;
      const std::uint32_t to = (from + first + index / cpus) % cpus;
      const Result<> connected = pairs[index].connect(guest, guest.vcpu(Cpu{from}), guest.vcpu(Cpu{to}));
      if (!connected) {
        runtime::log(connected.error());
        co_return 1;
      }
    }
    const Sum sum = co_await run_wave(runtime::this_vcpu(), pairs.get(), count);
    total.sent += sum.sent;
    total.received += sum.received;
    if (sum.sent != sum.received) {
      break;
    }
  }
  const std::uint64_t lost = total.sent - total.received;
  runtime::print("events sent=%llu received=%llu lost=%llu", static_cast<unsigned long long>(total.sent),
                 static_cast<unsigned long long>(total.received), static_cast<unsigned long long>(lost));
  report::Count_lines{runtime::console()}
      .add("events_sent", total.sent)
      .add("events_received", total.received)
      .add("events_lost", lost);
  co_return lost == 0 && total.sent == std::uint64_t{cpus} * (cpus - 1) * rounds ? 0 : 1;
}
