// SPDX-License-Identifier: MIT
// The storm, and the rounds of a CPU off and on.
#include "programs.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include <arch/processor.hpp>
#include <model_machine/exhaustive_schedule.hpp>
#include <model_machine/fiber_processor.hpp>

namespace enlighten::on_model {
namespace {

using model_machine::Outcome;

// Everybody sends so many events to everybody, itself included, by ports of several priorities, and waits until
// each of them has been seen. What is counted is the news, not the events: two events of a port before it is looked
// at are one.
class Storm {
 public:
  Storm(const Guest_options& options, std::uint32_t rounds, std::uint32_t kinds)
      : rounds_{rounds},
        cpus_{options.vcpus},
        kinds_{kinds},
        fifo_{options.events == guest::Event_preference::fifo} {
    for (std::uint32_t index = 0; index < cpus_ * kinds_; ++index) {
      receivers_.push_back(std::make_unique<Receiver>(cpus_));
    }
  }

  void operator()(Guest& guest, Cpu self) {
    if (self == Cpu{0}) {
      std::vector<Cpu> others;
      for (std::uint32_t index = 1; index < guest.cpus(); ++index) {
        others.push_back(Cpu{index});
      }
      guest.start(others, self);
    }
    bind(guest, self);
    for (std::uint32_t round = 0; round < rounds_; ++round) {
      for (std::uint32_t index = 0; index < receivers_.size(); ++index) {
        Receiver& receiver = *receivers_[(index + self.value()) % receivers_.size()];
        receiver.sent[self.value()].fetch_add(1);
        guest.need(receiver.port.send());
      }
    }
    finished_.fetch_add(1);
    guest.live_until(self, [&] { return has_seen_all(self); });
    // Somebody may have said what is new and not yet sent the event.
    while (finished_.load() != cpus_) {
      arch::relax();
    }
    for (std::uint32_t kind = 0; kind < kinds_; ++kind) {
      guest.need(of(self, kind).port.close());
    }
  }

  [[nodiscard]] bool is_satisfied() const {
    return std::ranges::all_of(receivers_, [this](const auto& receiver) { return receiver->has_seen(rounds_); });
  }

 private:
  static constexpr std::uint32_t priorities[] = {abi::fifo_priority_default, abi::fifo_priority_highest,
                                                 abi::fifo_priority_lowest};

  struct Receiver final : guest::Event_handler {
    explicit Receiver(std::uint32_t cpus) : sent(cpus), seen(cpus) {}
    void on_event(Port) noexcept override {
      for (std::size_t from = 0; from < sent.size(); ++from) {
        seen[from].store(sent[from].load());
      }
    }
    [[nodiscard]] bool has_seen(std::uint32_t rounds) const {
      return std::ranges::all_of(seen, [rounds](const auto& count) { return count.load() == rounds; });
    }

    guest::Bound_port port;
    // By who sent.
    std::vector<std::atomic<std::uint32_t>> sent;
    std::vector<std::atomic<std::uint32_t>> seen;
  };

  Receiver& of(Cpu cpu, std::uint32_t kind) { return *receivers_[cpu.value() * kinds_ + kind]; }

  void bind(Guest& guest, Cpu self) {
    for (std::uint32_t kind = 0; kind < kinds_; ++kind) {
      Receiver& receiver = of(self, kind);
      receiver.port = guest.need(guest.events().bind_ipi(guest.ready(self), &receiver));
      if (fifo_) {
        guest.need(receiver.port.set_priority(priorities[kind]));
      }
    }
    bound_.fetch_add(1);
    while (bound_.load() != cpus_) {
      arch::relax();
    }
  }

  bool has_seen_all(Cpu self) {
    for (std::uint32_t kind = 0; kind < kinds_; ++kind) {
      if (!of(self, kind).has_seen(rounds_)) {
        return false;
      }
    }
    return true;
  }

  std::uint32_t rounds_;
  std::uint32_t cpus_;
  std::uint32_t kinds_;  // ports of each CPU
  bool fifo_;
  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::atomic<std::uint32_t> bound_{0};
  std::atomic<std::uint32_t> finished_{0};
};

// The boot CPU turns the others off and on, one at a time, and sends to each before, while and after it is off.
class Rounds {
 public:
  Rounds(std::uint32_t cpus, std::uint32_t rounds) : rounds_{rounds} {
    for (std::uint32_t index = 0; index < cpus; ++index) {
      places_.push_back(std::make_unique<Place>());
    }
  }

  void operator()(Guest& guest, Cpu self) {
    Place& own = *places_[self.value()];
    if (!own.port) {
      own.port = guest.need(guest.events().bind_ipi(guest.ready(self), &own));
      own.bound = true;
    }
    if (self != Cpu{0}) {
      guest.live_until(self, [&] { return own.wanted_off.load() || finished_.load(); });
      if (own.wanted_off.exchange(false)) {
        guest.turn_off(self, Cpu{0});
      }
      return;
    }
    std::vector<Cpu> others;
    for (std::uint32_t index = 1; index < guest.cpus(); ++index) {
      others.push_back(Cpu{index});
    }
    guest.start(others, self);
    for (std::uint32_t round = 0; round < rounds_; ++round) {
      turn_off_and_on(guest, others[round % others.size()]);
    }
    finished_ = true;
    for (const Cpu cpu : others) {
      guest.need(places_[cpu.value()]->port.send());
    }
  }

  [[nodiscard]] bool is_satisfied() const { return done_ == rounds_; }

 private:
  struct Place final : guest::Event_handler {
    void on_event(Port) noexcept override { seen = sent.load(); }

    guest::Bound_port port;
    std::atomic<bool> bound{false};
    std::atomic<bool> wanted_off{false};
    std::atomic<std::uint32_t> sent{0};
    std::atomic<std::uint32_t> seen{0};
  };

  static void send(Guest& guest, Place& place) {
    place.sent.fetch_add(1);
    guest.need(place.port.send());
  }

  void turn_off_and_on(Guest& guest, Cpu cpu) {
    Place& place = *places_[cpu.value()];
    while (!place.bound.load()) {
      arch::relax();
    }
    send(guest, place);
    place.wanted_off = true;
    send(guest, place);
    guest.wait_until_off(cpu);
    send(guest, place);
    guest.start({cpu}, Cpu{0});
    send(guest, place);
    while (place.seen.load() != place.sent.load()) {
      arch::relax();
    }
    ++done_;
  }

  std::uint32_t rounds_;
  std::uint32_t done_ = 0;
  std::atomic<bool> finished_{false};
  std::vector<std::unique_ptr<Place>> places_;
};

template <typename Program>
Ending run(const Guest_options& options, const Guest::Make_runner& make_runner,
           const std::shared_ptr<Program>& program) {
  Guest guest{make_runner, options, [&](Guest& whole, Cpu self) { (*program)(whole, self); }};
  const Outcome outcome = guest.run();
  const bool calm = outcome == Outcome::done && program->is_satisfied();
  keep_for_ever(program);
  return {outcome, calm, calm ? std::string{} : guest.story()};
}

Guest::Make_runner by_name(const Guest_options& options, const char* schedule, std::uint64_t seed) {
  return [=](model_machine::Vcpu_runner::Body body) {
    return model_machine::make_runner(schedule, seed, std::move(body), options.faults);
  };
}

}  // namespace

Ending storm(const Guest_options& options, const char* schedule, std::uint64_t seed, std::uint32_t rounds,
             std::uint32_t ports) {
  return run(options, by_name(options, schedule, seed), std::make_shared<Storm>(options, rounds, ports));
}

Explored storm_in_every_order(const Guest_options& options, std::uint32_t ports, std::uint32_t preemptions) {
  model_machine::Exhaustive_schedule schedule{preemptions};
  const Guest::Make_runner in_its_order = [&](model_machine::Vcpu_runner::Body body) {
    return std::make_unique<model_machine::Fiber_processor>(schedule, std::move(body), options.faults);
  };
  Explored explored{0, {model_machine::Outcome::done, true, {}}};
  while (explored.ending.calm && schedule.next_run()) {
    explored.ending = run(options, in_its_order, std::make_shared<Storm>(options, 1, ports));
    explored.runs += explored.ending.calm ? 1 : 0;
  }
  return explored;
}

Ending turn_off_and_on(const Guest_options& options, const char* schedule, std::uint64_t seed,
                       std::uint32_t rounds) {
  return run(options, by_name(options, schedule, seed), std::make_shared<Rounds>(options.vcpus, rounds));
}

}  // namespace enlighten::on_model
