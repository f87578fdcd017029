// SPDX-License-Identifier: MIT
// A domain of the FIFO ABI under a schedule: its vCPUs take events, others send, and what must hold is checked.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include <abi/event_fifo.hpp>
#include <base/ids.hpp>
#include <guest/fifo_queue.hpp>

#include "interleaving.hpp"
#include "xen_fifo.hpp"

namespace enlighten::guest::test {

// Every event carries a message: the sender counts up before it sends, the handler reads the count. Nothing is lost
// if, in the end, each port that is not masked has seen its sender's last count.
template <std::size_t Vcpus, std::size_t Ports>
class Fifo_world {
 public:
  using Consumer = Fifo_consumer<Stepped_words>;

  explicit Fifo_world(Schedule& with) : Fifo_world{with, std::make_index_sequence<Vcpus>{}} {}

  // An actor that takes the events of one vCPU whenever it is interrupted.
  void run_vcpu(std::uint32_t vcpu) {
    schedule.spawn("vcpu" + std::to_string(vcpu), [this, vcpu] {
      auto& at_xen = xen.vcpus[vcpu];
      constexpr std::uint64_t asleep = 1;
      schedule.forget_all_but(asleep);
      while (schedule.wait([&] { return at_xen.interrupted; })) {
        at_xen.interrupted = false;
        const auto drained = consumers[vcpu].drain(events, [this](Port port) { handle(port); });
        EXPECT_TRUE(drained) << drained.error().text();
        EXPECT_FALSE(drained && drained->more);
        schedule.forget_all_but(asleep);
      }
    });
  }

  void send(Port port) {
    words.fetch_or(sent[port.value()], 0, std::memory_order_seq_cst);
    ++sent[port.value()];
    xen.send(port);
  }

  void run_sender(std::string name, Port port, int times) {
    schedule.spawn(std::move(name), [this, port, times] {
      for (int i = 0; i != times; ++i) {
        schedule.forget_all_but(static_cast<std::uint64_t>(i));
        send(port);
      }
    });
  }

  void mask(Port port) {
    events.mask(port);
    silent[port.value()] = true;
  }

  void unmask(Port port) {
    silent[port.value()] = false;
    if (events.unmask(port) == Unmask::needs_hypercall) {
      xen.unmask(port);
    }
  }

  // After the run.
  void check() {
    EXPECT_FALSE(xen.gave_up);
    for (std::uint32_t port = 1; port != Ports; ++port) {
      if (!events.is_masked(Port{port})) {
        EXPECT_EQ(seen[port], sent[port]) << "port " << port << " lost an event";
        EXPECT_EQ(xen.array[port], 0U) << "port " << port << " is left over";
      }
      EXPECT_LE(delivered[port], xen.raised[port]) << "port " << port << " had an event delivered twice";
    }
  }

  Schedule& schedule;
  Stepped_words words;
  Xen_fifo<Vcpus, Ports> xen;
  std::array<abi::Event_word*, 1> directory{};
  Fifo_array<Stepped_words> events{directory, words};
  std::array<Consumer, Vcpus> consumers;
  std::array<std::uint32_t, Ports> sent{};
  std::array<std::uint32_t, Ports> seen{};
  std::array<std::uint32_t, Ports> delivered{};
  std::array<bool, Ports> silent{};
  std::function<void(Port)> also;  // what a handler does besides

 private:
  template <std::size_t... I>
  Fifo_world(Schedule& with, std::index_sequence<I...>)
      : schedule{with},
        words{with},
        xen{with},
        consumers{Consumer{xen.vcpus[I].info, xen.vcpus[I].block, words}...} {
    EXPECT_TRUE(events.append(xen.array));
    for (std::uint32_t port = 1; port != Ports; ++port) {
      unmask(Port{port});
    }
    schedule.share(sent);
    schedule.watch(seen);
    schedule.watch(delivered);
    schedule.watch(silent);
    schedule.watch(consumers);
  }

  void handle(Port port) {
    EXPECT_FALSE(silent[port.value()]) << "port " << port.value() << " was delivered while masked";
    ++delivered[port.value()];
    seen[port.value()] = words.load(sent[port.value()], std::memory_order_acquire);
    if (also) {
      also(port);
    }
    schedule.forget_all_but(2);  // but for what the consumer holds, which is watched
  }
};

}  // namespace enlighten::guest::test
