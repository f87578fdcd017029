// SPDX-License-Identifier: MIT
// The 2-level queue against Xen's side of it: every interleaving of small cases, random ones of larger.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <guest/two_level_queue.hpp>

#include "test/interleaving.hpp"
#include "test/two_level_world.hpp"

namespace enlighten::guest::test {
namespace {

TEST(Two_level_in_every_order, loses_no_event_of_one_port) {
  expect_in_every_order([](Schedule& schedule) {
    Two_level_world<1, 1> world{schedule, {5}};
    world.run_vcpu(0);
    world.run_sender("sender", Port{5}, 3);
    schedule.run();
    world.check();
  });
}

TEST(Two_level_in_every_order, loses_no_event_of_two_ports_in_one_word) {
  expect_in_every_order([](Schedule& schedule) {
    Two_level_world<1, 1> world{schedule, {5, 6}};
    world.run_vcpu(0);
    world.run_sender("first", Port{5}, 2);
    world.run_sender("second", Port{6}, 1);
    schedule.run();
    world.check();
  });
}

TEST(Two_level_in_every_order, loses_no_event_of_two_words) {
  expect_in_every_order([](Schedule& schedule) {
    Two_level_world<1, 2> world{schedule, {5, 70}};
    world.run_vcpu(0);
    world.run_sender("first", Port{5}, 2);
    world.run_sender("second", Port{70}, 1);
    schedule.run();
    world.check();
  });
}

TEST(Two_level_in_every_order, delivers_nothing_while_masked_and_all_after_unmasking_elsewhere) {
  expect_in_every_order([](Schedule& schedule) {
    Two_level_world<1, 1> world{schedule, {5}};
    bool silent = false;
    schedule.watch(silent);
    world.also = [&](std::uint32_t, Port port) {
      EXPECT_FALSE(silent) << "delivered while masked";
      if (world.seen[5] < 2) {
        world.events.mask(port);
        silent = true;
      }
    };
    world.run_vcpu(0);
    world.run_sender("sender", Port{5}, 3);
    schedule.spawn("unmasker", [&] {
      while (schedule.wait([&] { return silent; })) {
        silent = false;
        world.unmask(Port{5});
        schedule.forget_all_but(0);
      }
    });
    schedule.run();
    world.check();
  });
}

TEST(Two_level_in_every_order, loses_no_event_of_a_port_that_moves_to_another_vcpu) {
  expect_in_every_order([](Schedule& schedule) {
    Two_level_world<2, 1> world{schedule, {5}};
    world.run_vcpu(0);
    world.run_vcpu(1);
    world.run_sender("sender", Port{5}, 2);
    schedule.spawn("mover", [&] { world.move(Port{5}, 0, 1); });
    schedule.run();
    world.check();
  });
}

TEST(Two_level_in_random_order, loses_nothing_of_many_ports_that_are_masked_and_moved) {
  constexpr std::uint32_t vcpus = 3;
  constexpr std::size_t words = 4;
  std::uint64_t seed = 1;
  explore_randomly(
      [&seed](Schedule& schedule) {
        std::mt19937_64 dice{seed++};
        std::vector<std::uint32_t> ports;
        for (std::uint32_t port = 1; port < words * 64; port += 1 + static_cast<std::uint32_t>(dice() % 12)) {
          ports.push_back(port);
        }
        Two_level_world<vcpus, words> world{schedule, ports};
        std::array<bool, words * 64> to_unmask{};
        world.also = [&](std::uint32_t, Port port) {
          if (port.value() % 3 == 0 && world.seen[port.value()] % 2 == 0) {
            world.events.mask(port);
            to_unmask[port.value()] = true;
          }
        };
        for (std::uint32_t vcpu = 0; vcpu != vcpus; ++vcpu) {
          world.run_vcpu(vcpu);
        }
        for (std::uint32_t sender = 0; sender != 3; ++sender) {
          schedule.spawn("sender" + std::to_string(sender), [&, sender, own = std::mt19937_64{dice()}]() mutable {
            for (int i = 0; i != 60; ++i) {
              const std::uint32_t port = ports[own() % ports.size()];
              if (port % 3 == sender) {  // no two senders share a port
                world.send(Port{port});
              }
            }
          });
        }
        // One that moves and unmasks, for each move needs the port masked until it is done.
        schedule.spawn("keeper", [&, own = std::mt19937_64{dice()}]() mutable {
          const auto first = [&] { return std::ranges::find(to_unmask, true); };
          for (int i = 0; i != 30; ++i) {
            const std::uint32_t port = ports[own() % ports.size()];
            world.move(Port{port}, world.xen.bound_to[port], static_cast<std::uint32_t>(own() % vcpus));
          }
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
