// SPDX-License-Identifier: MIT
// Tests of what is drawn of a trace: tracks, slices, arrows.
#include <runner/trace_events.hpp>

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace enlighten::runner {
namespace {

using testing::ElementsAre;
using Json = nlohmann::ordered_json;

constexpr std::uint32_t send = 32 | 4 << 8;

// All events of a phase, as "name@tid ts" and of a slice "+dur".
std::vector<std::string> drawn(const Json& trace, const std::string& phase) {
  std::vector<std::string> all;
  for (const Json& event : trace.at("traceEvents")) {
    if (event.at("ph") == phase) {
      std::string text = event.at("name").get<std::string>() + "@" + std::to_string(event.at("tid").get<int>());
      if (event.contains("ts")) {
        text += " " + std::to_string(event.at("ts").get<int>());
      }
      if (event.contains("dur")) {
        text += "+" + std::to_string(event.at("dur").get<int>());
      }
      all.push_back(text);
    }
  }
  return all;
}

Traced_guest guest_with(std::vector<Trace_entry> first, std::vector<Trace_entry> second) {
  Traced_guest guest{.name = "g", .trace = {}, .place = {}};
  guest.trace.hertz = 1'000'000;
  guest.trace.upcall = 31;
  guest.trace.steps = {"interrupts"};
  guest.trace.cpus[0].entries = std::move(first);
  guest.trace.cpus[1].entries = std::move(second);
  return guest;
}

Json events_of(const Traced_guest& guest) {
  return trace_events(std::span{&guest, 1});
}

TEST(Trace_events, have_a_track_for_each_vcpu) {
  const Json trace =
      events_of(guest_with({{100, Trace_kind::wait_begin, 0, 0}}, {{104, Trace_kind::wait_begin, 0, 0}}));
  EXPECT_THAT(drawn(trace, "M"), ElementsAre("process_name@0", "thread_name@0", "thread_name@1"));
  EXPECT_THAT(drawn(trace, "X"), ElementsAre("sleep@0 0+4", "sleep@1 4+0"));
}

TEST(Trace_events, lead_from_a_send_to_the_delivery_that_follows_and_from_no_other_port) {
  const Json trace = events_of(guest_with({{100, Trace_kind::call_begin, send, 7},
                                           {101, Trace_kind::call_end, send, 0},
                                           {102, Trace_kind::call_begin, send, 7},
                                           {103, Trace_kind::call_end, send, 0},
                                           {104, Trace_kind::call_begin, send, 8},
                                           {105, Trace_kind::call_end, send, 0}},
                                          {{110, Trace_kind::interrupt, 0, 31},
                                           {111, Trace_kind::delivery_begin, 0, 7},
                                           {115, Trace_kind::delivery_end, 0, 7}}));
  EXPECT_THAT(drawn(trace, "X"),
              ElementsAre("event send@0 0+1", "event send@0 2+1", "event send@0 4+1", "port 7@1 11+4"));
  EXPECT_THAT(drawn(trace, "i"), ElementsAre("upcall@1 10"));
  EXPECT_THAT(drawn(trace, "s"), ElementsAre("event on port 7@0 0"));
  EXPECT_THAT(drawn(trace, "f"), ElementsAre("event on port 7@1 11"));
}

TEST(Trace_events, lead_from_cpu_on_to_the_first_that_the_cpu_does) {
  const Json trace = events_of(guest_with(
      {{100, Trace_kind::cpu_on, 0, 1}}, {{120, Trace_kind::step_begin, 0, 0}, {125, Trace_kind::step_end, 0, 0}}));
  EXPECT_THAT(drawn(trace, "X"), ElementsAre("CPU_ON 1@0 0+0", "start interrupts@1 20+5"));
  EXPECT_THAT(drawn(trace, "s"), ElementsAre("turns on@0 0"));
  EXPECT_THAT(drawn(trace, "f"), ElementsAre("turns on@1 20"));
}

TEST(Trace_events, close_what_a_ring_has_only_half_of) {
  const Json trace = events_of(guest_with({{100, Trace_kind::task_end, 0, 0},
                                           {101, Trace_kind::wait_end, 0, 0},
                                           {102, Trace_kind::task_begin, 0, 0x40},
                                           {103, Trace_kind::call_begin, 29, 0},
                                           {104, Trace_kind::task_end, 0, 0}},
                                          {{109, Trace_kind::wait_begin, 0, 0}}));
  EXPECT_THAT(drawn(trace, "X"), ElementsAre("sleep@0 0+1", "sched_op 0@0 3+1", "image+0x40@0 2+2", "sleep@1 9+0"));
}

TEST(Trace_events, are_none_of_guests_that_recorded_nothing) {
  const Json trace = events_of(guest_with({}, {}));
  EXPECT_THAT(drawn(trace, "X"), ElementsAre());
}

}  // namespace
}  // namespace enlighten::runner
