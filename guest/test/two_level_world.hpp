// SPDX-License-Identifier: MIT
// A domain of the 2-level ABI under a schedule: its vCPUs take events, others send, and what must hold is checked.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <base/ids.hpp>
#include <guest/two_level_queue.hpp>

#include "interleaving.hpp"
#include "xen_two_level.hpp"

namespace enlighten::guest::test {

// As Fifo_world: every event carries a count, and in the end each port that is not masked has seen its sender's
// last. Only `ports` are used, of the first `Words` words.
template <std::size_t Vcpus, std::size_t Words>
class Two_level_world {
 public:
  static constexpr std::size_t port_limit = Words * abi::two_level_bits_per_word;

  Two_level_world(Schedule& with, std::vector<std::uint32_t> used)
      : Two_level_world{with, std::move(used), std::make_index_sequence<Vcpus>{}} {}

  void run_vcpu(std::uint32_t vcpu) {
    schedule.spawn("vcpu" + std::to_string(vcpu), [this, vcpu] {
      constexpr std::uint64_t asleep = 1;
      auto& at_xen = xen.vcpus[vcpu];
      schedule.forget_all_but(asleep);
      while (schedule.wait([&] { return at_xen.interrupted; })) {
        at_xen.interrupted = false;
        const auto drained = consumers[vcpu].drain(events, [this, vcpu](Port port) { handle(vcpu, port); });
        EXPECT_TRUE(drained);
        EXPECT_FALSE(drained->more);
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

  void unmask(Port port) {
    if (events.unmask(port) == Unmask::needs_hypercall) {
      xen.unmask(port);
    }
  }

  void move(Port port, std::uint32_t from, std::uint32_t to) {
    events.mask(port);
    xen.bind_vcpu(port, to);
    consumers[from].ignore(port);
    consumers[to].attend(port);
    unmask(port);
  }

  void check() {
    for (const std::uint32_t port : ports) {
      if (!events.is_masked(Port{port})) {
        EXPECT_EQ(seen[port], sent[port]) << "port " << port << " lost an event";
        EXPECT_FALSE(events.is_pending(Port{port})) << "port " << port << " is left over";
      }
      EXPECT_LE(delivered[port], sent[port]) << "port " << port << " had an event delivered twice";
    }
  }

  Schedule& schedule;
  Stepped_words words;
  Xen_two_level<Vcpus, Words> xen;
  Two_level_array<Stepped_words> events;
  std::array<Two_level_consumer<Stepped_words>, Vcpus> consumers;
  std::vector<std::uint32_t> ports;
  std::array<std::uint32_t, port_limit> sent{};
  std::array<std::uint32_t, port_limit> seen{};
  std::array<std::uint32_t, port_limit> delivered{};
  std::function<void(std::uint32_t, Port)> also;  // what a handler does besides

 private:
  template <std::size_t... I>
  Two_level_world(Schedule& with, std::vector<std::uint32_t> used, std::index_sequence<I...>)
      : schedule{with},
        words{with},
        xen{with},
        events{xen.shared, words},
        consumers{Two_level_consumer<Stepped_words>{xen.vcpus[I].info, words}...},
        ports{std::move(used)} {
    events.mask_all();
    for (const std::uint32_t port : ports) {
      consumers[0].attend(Port{port});
      unmask(Port{port});
      schedule.share(sent[port]);
      schedule.watch(seen[port]);
      schedule.watch(delivered[port]);
    }
    schedule.watch(consumers);
  }

  void handle(std::uint32_t vcpu, Port port) {
    ++delivered[port.value()];
    seen[port.value()] = words.load(sent[port.value()], std::memory_order_acquire);
    if (also) {
      also(vcpu, port);
    }
    schedule.forget_all_but(2);  // but for what the consumer holds, which is watched
  }
};

}  // namespace enlighten::guest::test
