// SPDX-License-Identifier: MIT
// The PV console: where Xen says it is, and whom a write wakes.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <vector>

#include <abi/event_channel.hpp>
#include <abi/hvm_op.hpp>
#include <arch/hosted_machine.hpp>
#include <guest/pv_console.hpp>

namespace enlighten::guest {
namespace {

// A Xen that has parameters, and notes which ports were sent on.
class Toolstack_xen final : public arch::hosted::Machine {
 public:
  std::map<abi::Hvm_param, std::uint64_t> parameters;
  std::vector<Port> sent;
  bool port_is_gone = false;
  std::uint32_t yields = 0;

  std::int64_t hypercall(abi::Hypercall number, const arch::hosted::Hypercall_arguments& arguments) override {
    switch (number) {
      case abi::Hypercall::hvm_op: {
        auto& argument = *reinterpret_cast<abi::Xen_hvm_param*>(arguments[1]);
        const auto found = parameters.find(argument.index);
        if (found == parameters.end()) {
          return -static_cast<std::int64_t>(abi::Errno::eperm);
        }
        argument.value = found->second;
        return 0;
      }
      case abi::Hypercall::event_channel_op:
        sent.push_back(reinterpret_cast<const abi::Evtchn_send*>(arguments[1])->port);
        return port_is_gone ? -static_cast<std::int64_t>(abi::Errno::einval) : 0;
      case abi::Hypercall::sched_op:
        ++yields;
        return 0;
      default:
        ADD_FAILURE() << "hypercall " << static_cast<std::uint64_t>(number);
        return -static_cast<std::int64_t>(abi::Errno::enosys);
    }
  }
};

struct Pv_console_test : testing::Test {
  Pv_console_test() { machine.cpu_local = &self; }

  Toolstack_xen machine;
  arch::hosted::Installed_machine installed{machine};
  Cpu_local self;
  Hypercalls xen{Hypercalls::Presence::present};
  // The ring is a page, and a page is where its frame says.
  struct alignas(abi::page_size) Page : abi::Console_page {
  } page{};
};

TEST_F(Pv_console_test, is_where_xens_parameters_say) {
  machine.parameters = {{abi::Hvm_param::console_pfn, 0x39000}, {abi::Hvm_param::console_evtchn, 2}};
  const Pv_console::Place place = Pv_console::find(xen);
  EXPECT_EQ(place.frame, abi::Gfn{0x39000});
  EXPECT_EQ(place.port, Port{2});
}

TEST_F(Pv_console_test, is_nowhere_for_a_domain_that_has_none_or_may_not_ask) {
  machine.parameters = {{abi::Hvm_param::console_pfn, 0}, {abi::Hvm_param::console_evtchn, 0}};
  EXPECT_EQ(Pv_console::find(xen).frame, abi::Gfn{0});
  machine.parameters.clear();
  EXPECT_EQ(Pv_console::find(xen).frame, abi::Gfn{0});
  EXPECT_EQ(Pv_console::find(Hypercalls{Hypercalls::Presence::absent}).frame, abi::Gfn{0});
}

TEST_F(Pv_console_test, puts_text_into_its_ring_and_wakes_the_backend_each_time) {
  Pv_console console{xen, {abi::gfn_of(reinterpret_cast<std::uintptr_t>(&page)), Port{2}}};
  EXPECT_EQ(console.room(), Pv_console::size);
  console.write("one\n");
  console.write("two\n");
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(page.ring.out), 8), "one\ntwo\n");
  EXPECT_EQ(page.ring.out_prod, 8U);
  EXPECT_EQ(console.room(), Pv_console::size - 8);
  EXPECT_EQ(machine.sent, (std::vector{Port{2}, Port{2}}));
  console.give_way();
  EXPECT_EQ(machine.yields, 1U);
}

TEST_F(Pv_console_test, reads_what_was_typed_and_tells_the_backend_only_then) {
  Pv_console console{xen, {abi::gfn_of(reinterpret_cast<std::uintptr_t>(&page)), Port{2}}};
  Pv_console_input input{console};
  std::array<char, 8> text{};
  EXPECT_EQ(*input.read(text), 0U);
  EXPECT_TRUE(machine.sent.empty());
  page.ring.in[0] = 'y';
  page.ring.in_prod = 1;
  EXPECT_EQ(*input.read(text), 1U);
  EXPECT_EQ(text[0], 'y');
  EXPECT_EQ(machine.sent, (std::vector{Port{2}}));
  page.ring.in_prod = 5000;
  EXPECT_FALSE(input.read(text));
  EXPECT_EQ(machine.sent, (std::vector{Port{2}}));
}

TEST_F(Pv_console_test, knows_whether_somebody_is_at_the_other_end) {
  const Pv_console console{xen, {abi::gfn_of(reinterpret_cast<std::uintptr_t>(&page)), Port{2}}};
  EXPECT_TRUE(console.is_connected());
  page.connection = abi::console_disconnected;
  EXPECT_FALSE(console.is_connected());
}

TEST_F(Pv_console_test, goes_on_without_its_port_until_the_ring_is_full) {
  Pv_console console{xen, {abi::gfn_of(reinterpret_cast<std::uintptr_t>(&page)), Port{2}}};
  machine.port_is_gone = true;
  console.write("still here\n");
  EXPECT_EQ(console.room(), Pv_console::size - 11);
}

}  // namespace
}  // namespace enlighten::guest
