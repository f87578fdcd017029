// SPDX-License-Identifier: MIT
// The FIFO queue against Xen's side of it: every interleaving of small cases, random ones of larger.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>

#include <guest/fifo_queue.hpp>

#include "test/fifo_world.hpp"
#include "test/interleaving.hpp"

namespace enlighten::guest::test {
namespace {

TEST(Fifo_in_every_order, loses_no_event_of_one_port) {
  expect_in_every_order([](Schedule& schedule) {
    Fifo_world<1, 2> world{schedule};
    world.run_vcpu(0);
    world.run_sender("sender", Port{1}, 3);
    schedule.run();
    world.check();
  });
}

TEST(Fifo_in_every_order, loses_no_event_of_two_ports_in_one_queue) {
  expect_in_every_order([](Schedule& schedule) {
    Fifo_world<1, 3> world{schedule};
    world.run_vcpu(0);
    world.run_sender("first", Port{1}, 2);
    world.run_sender("second", Port{2}, 1);
    schedule.run();
    world.check();
  });
}

TEST(Fifo_in_every_order, loses_no_event_of_two_queues) {
  expect_in_every_order([](Schedule& schedule) {
    Fifo_world<1, 3> world{schedule};
    world.xen.channels[2].priority = world.xen.channels[2].last_priority = 0;
    world.run_vcpu(0);
    world.run_sender("first", Port{1}, 2);
    world.run_sender("second", Port{2}, 1);
    schedule.run();
    world.check();
  });
}

TEST(Fifo_in_every_order, delivers_nothing_while_masked_and_all_after_unmasking_elsewhere) {
  expect_in_every_order([](Schedule& schedule) {
    Fifo_world<1, 2> world{schedule};
    bool to_unmask = false;
    schedule.watch(to_unmask);
    world.also = [&](Port port) {
      if (world.seen[1] < 2) {
        world.mask(port);
        to_unmask = true;
      }
    };
    world.run_vcpu(0);
    world.run_sender("sender", Port{1}, 2);
    schedule.spawn("unmasker", [&] {
      while (schedule.wait([&] { return to_unmask; })) {
        to_unmask = false;
        world.unmask(Port{1});
        schedule.forget_all_but(0);
      }
    });
    schedule.run();
    world.check();
  });
}

TEST(Fifo_in_every_order, lets_xen_link_to_a_port_that_is_masked_and_unmasked_meanwhile) {
  expect_in_every_order([](Schedule& schedule) {
    Fifo_world<1, 3> world{schedule};
    world.run_vcpu(0);
    world.send(Port{1});
    world.run_sender("sender", Port{2}, 1);
    schedule.spawn("toggler", [&] {
      world.mask(Port{1});
      world.unmask(Port{1});
    });
    schedule.run();
    world.check();
  });
}

TEST(Fifo_in_every_order, unlinks_a_port_closed_while_linked_and_loses_none_behind_it) {
  expect_in_every_order([](Schedule& schedule) {
    Fifo_world<1, 3> world{schedule};
    world.run_vcpu(0);
    schedule.spawn("sender", [&] {
      world.xen.send(Port{1});
      world.xen.close(Port{1});
    });
    world.run_sender("other", Port{2}, 2);
    schedule.run();
    world.check();
  });
}

TEST(Fifo_in_every_order, loses_no_event_of_a_port_that_moves_to_another_vcpu) {
  expect_in_every_order([](Schedule& schedule) {
    Fifo_world<2, 2> world{schedule};
    world.run_vcpu(0);
    world.run_vcpu(1);
    world.run_sender("sender", Port{1}, 2);
    schedule.spawn("mover", [&] {
      world.words.load(world.sent[1], std::memory_order_relaxed);
      world.xen.bind_vcpu(Port{1}, 1);
    });
    schedule.run();
    world.check();
  });
}

TEST(Fifo_in_every_order, loses_no_event_of_three_ports_of_three_vcpus) {
  expect_in_every_order([](Schedule& schedule) {
    Fifo_world<3, 4> world{schedule};
    for (std::uint32_t vcpu = 0; vcpu != 3; ++vcpu) {
      auto& channel = world.xen.channels[vcpu + 1];
      channel.vcpu = channel.last_vcpu = vcpu;
      world.run_vcpu(vcpu);
      world.run_sender("sender" + std::to_string(vcpu), Port{vcpu + 1}, 1);
    }
    schedule.run();
    world.check();
  });
}

// Xen tries to link to a word five times and then leaves the event out. A guest that unmasked while BUSY is set
// could make it do so.
TEST(Fifo_in_random_order, never_makes_xen_give_up_linking_to_a_port_that_is_masked_and_unmasked_all_the_time) {
  explore_randomly(
      [](Schedule& schedule) {
        Fifo_world<1, 3> world{schedule};
        schedule.spawn("sender", [&] {
          world.send(Port{1});
          world.events.clear_pending(Port{1});
          world.send(Port{2});
        });
        for (const char* name : {"toggler", "another", "third"}) {
          schedule.spawn(name, [&] {
            for (int i = 0; i != 12; ++i) {
              world.events.mask(Port{1});
              static_cast<void>(world.events.unmask(Port{1}));
            }
          });
        }
        schedule.run();
        EXPECT_FALSE(world.xen.gave_up);
      },
      1, 3000);
}

TEST(Fifo_in_random_order, loses_nothing_of_many_ports_priorities_and_vcpus) {
  constexpr std::uint32_t ports = 40;
  constexpr std::uint32_t vcpus = 3;
  std::uint64_t seed = 1;
  explore_randomly(
      [&seed](Schedule& schedule) {
        std::mt19937_64 dice{seed++};
        Fifo_world<vcpus, ports> world{schedule};
        std::array<bool, ports> to_unmask{};
        for (std::uint32_t port = 1; port != ports; ++port) {
          auto& channel = world.xen.channels[port];
          channel.vcpu = channel.last_vcpu = static_cast<std::uint32_t>(dice() % vcpus);
          channel.priority = channel.last_priority = static_cast<std::uint32_t>(dice() % abi::fifo_queues);
        }
        world.also = [&](Port port) {
          if (port.value() % 3 == 0 && world.seen[port.value()] % 2 == 0) {
            world.mask(port);
            to_unmask[port.value()] = true;
          }
        };
        for (std::uint32_t vcpu = 0; vcpu != vcpus; ++vcpu) {
          world.run_vcpu(vcpu);
        }
        // No two senders share a port.
        for (std::uint32_t sender = 0; sender != 3; ++sender) {
          schedule.spawn("sender" + std::to_string(sender), [&, sender, own = std::mt19937_64{dice()}]() mutable {
            for (int i = 0; i != 60; ++i) {
              world.send(Port{1 + sender + 3 * static_cast<std::uint32_t>(own() % 13)});
            }
          });
        }
        schedule.spawn("tuner", [&, own = std::mt19937_64{dice()}]() mutable {
          for (int i = 0; i != 30; ++i) {
            const auto port = 1 + static_cast<std::uint32_t>(own() % (ports - 1));
            world.words.load(world.sent[port], std::memory_order_relaxed);
            world.xen.channels[port].priority = static_cast<std::uint32_t>(own() % abi::fifo_queues);
            world.xen.bind_vcpu(Port{port}, static_cast<std::uint32_t>(own() % vcpus));
          }
        });
        schedule.spawn("unmasker", [&] {
          const auto first = [&] { return std::ranges::find(to_unmask, true); };
          while (schedule.wait([&] { return first() != to_unmask.end(); })) {
            const auto found = first();
            *found = false;
            world.unmask(Port{static_cast<std::uint32_t>(found - to_unmask.begin())});
          }
        });
        schedule.run();
        world.check();
      },
      1, 300);
}

}  // namespace
}  // namespace enlighten::guest::test
