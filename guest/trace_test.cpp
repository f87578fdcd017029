// SPDX-License-Identifier: MIT
// The ring of a trace: what it keeps, what a reader beside the writer sees, and what trace points put into it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <guest/hypercalls.hpp>
#include <guest/trace.hpp>

#include "test/scripted_xen.hpp"

namespace enlighten::guest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A machine on which time passes with each look at it.
class Counting_machine : public arch::hosted::Machine {
 public:
  std::uint64_t counter() override { return ++now_; }

 private:
  std::uint64_t now_ = 0;
};

std::vector<Trace_entry> kept(const Trace& trace) {
  std::vector<Trace_entry> entries;
  const std::uint64_t end = trace.recorded();
  for (std::uint64_t index = trace.first_of(end); index < end; ++index) {
    entries.push_back(trace.read(index).value());
  }
  return entries;
}

struct Trace_test : testing::Test {
  Counting_machine machine;
  arch::hosted::Installed_machine installed{machine};
  std::vector<Trace::Slot> slots = std::vector<Trace::Slot>(8);
  Trace ring{slots.data(), 3};
};

TEST_F(Trace_test, keeps_kind_and_numbers_with_the_count_of_the_moment) {
  ring.record(packed_trace(Trace_kind::call_end, 0xffff'fffe, 0xfe'dcba));
  ring.record(packed_trace(Trace_kind::wait_begin, 0));
  EXPECT_THAT(kept(ring), ElementsAre(Trace_entry{1, Trace_kind::call_end, 0xfe'dcba, 0xffff'fffe},
                                      Trace_entry{2, Trace_kind::wait_begin, 0, 0}));
}

TEST_F(Trace_test, keeps_the_latest_entries_but_the_one_that_may_be_written_over) {
  for (std::uint32_t index = 0; index < 20; ++index) {
    ring.record(packed_trace(Trace_kind::delivery_begin, index));
  }
  EXPECT_EQ(ring.recorded(), 20U);
  EXPECT_EQ(ring.first_of(20), 13U);
  EXPECT_EQ(kept(ring).front().b, 13U);
  EXPECT_EQ(kept(ring).back().b, 19U);
  EXPECT_FALSE(ring.read(12)) << "its place is the next one's, who may be writing";
  EXPECT_FALSE(ring.read(3));
}

TEST_F(Trace_test, shows_a_reader_beside_the_writer_whole_entries_only) {
  constexpr std::uint32_t last = 200'000;
  std::atomic<bool> ended{false};
  std::thread writer{[&] {
    Counting_machine own;
    const arch::hosted::Installed_machine here{own};
    for (std::uint32_t index = 0; index < last; ++index) {
      ring.record(packed_trace(Trace_kind::wake, index));
    }
    ended = true;
  }};
  std::uint64_t torn = 0;
  while (!ended) {
    const std::uint64_t end = ring.recorded();
    for (std::uint64_t index = ring.first_of(end); index < end; ++index) {
      if (const auto entry = ring.read(index); entry && (entry->b != index || entry->count != index + 1)) {
        ++torn;
      }
    }
  }
  writer.join();
  EXPECT_EQ(torn, 0U);
  EXPECT_EQ(ring.recorded(), last);
}

TEST_F(Trace_test, has_a_point_record_on_the_cpu_that_traces_and_on_no_other) {
  Counting_machine other;
  machine.cpu_trace = &ring;
  trace(Trace_kind::wake, 3);
  {
    const arch::hosted::Installed_machine elsewhere{other};
    trace(Trace_kind::wake, 4);
  }
  machine.cpu_trace = nullptr;
  trace(Trace_kind::wake, 5);
  EXPECT_THAT(kept(ring), ElementsAre(Trace_entry{1, Trace_kind::wake, 0, 3}));
}

class Traced_xen : public test::Scripted_xen {
 public:
  std::uint64_t counter() override { return 7; }
};

struct Traced_hypercalls_test : testing::Test {
  Traced_hypercalls_test() {
    xen.cpu_local = &self;
    xen.cpu_trace = &ring;
  }
  Cpu_local self;
  Traced_xen xen;
  arch::hosted::Installed_machine installed{xen};
  std::vector<Trace::Slot> slots = std::vector<Trace::Slot>(8);
  Trace ring{slots.data(), 3};
  Hypercalls present{Hypercalls::Presence::present};
};

TEST_F(Traced_hypercalls_test, have_number_operation_port_and_result) {
  abi::Evtchn_send send{.port = Port{9}};
  ASSERT_TRUE(present.event_channel(Call::event_send, abi::Event_channel_op::send, send));
  xen.refusals["send"] = abi::Errno::einval;
  ASSERT_FALSE(present.event_channel(Call::event_send, abi::Event_channel_op::send, send));
  constexpr std::uint32_t what = 32 | 4 << 8;  // event_channel_op, EVTCHNOP_send
  EXPECT_THAT(kept(ring), ElementsAre(Trace_entry{7, Trace_kind::call_begin, what, 9},
                                      Trace_entry{7, Trace_kind::call_end, what, 0},
                                      Trace_entry{7, Trace_kind::call_begin, what, 9},
                                      Trace_entry{7, Trace_kind::call_end, what, static_cast<std::uint32_t>(-22)}));
  EXPECT_EQ(self.calls[Call::event_send], 2U) << "a traced call is counted as any other";
}

TEST_F(Traced_hypercalls_test, leave_nothing_where_there_is_no_xen) {
  const Hypercalls absent{Hypercalls::Presence::absent};
  static_cast<void>(absent.version());
  EXPECT_THAT(kept(ring), IsEmpty());
}

}  // namespace
}  // namespace enlighten::guest
