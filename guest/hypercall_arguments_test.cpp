// SPDX-License-Identifier: MIT
// What each call to Xen hands over: its number, its registers, and the structure at the address in one of them.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <functional>
#include <string_view>

#include <abi/console_io.hpp>
#include <abi/domain_id.hpp>
#include <abi/memory_op.hpp>
#include <abi/sched_op.hpp>
#include <abi/xen_version.hpp>
#include <arch/hosted_machine.hpp>
#include <guest/hypercalls.hpp>

namespace enlighten::guest {
namespace {

// Notes the last call, and what `look` reads of its arguments while they are there.
struct Noting_xen final : arch::hosted::Machine {
  std::int64_t hypercall(abi::Hypercall called, const arch::hosted::Hypercall_arguments& registers) override {
    ++calls;
    number = called;
    arguments = registers;
    if (look) {
      look(registers);
    }
    return answer;
  }

  std::function<void(const arch::hosted::Hypercall_arguments&)> look;
  std::int64_t answer = 0;
  int calls = 0;
  abi::Hypercall number{};
  arch::hosted::Hypercall_arguments arguments{};
};

template <typename Argument>
Argument& at(std::uint64_t address) {
  return *reinterpret_cast<Argument*>(static_cast<std::uintptr_t>(address));
}

struct Hypercall_arguments : testing::Test {
  Hypercall_arguments() { xen.cpu_local = &self; }

  // What the next call hands over by the address in register 1.
  template <typename Argument>
  void copy_argument_to(Argument& copy) {
    xen.look = [&copy](const auto& registers) { std::memcpy(&copy, &at<Argument>(registers[1]), sizeof copy); };
  }

  void expect_call(abi::Hypercall number, std::uint64_t operation, Call kind) {
    EXPECT_EQ(xen.calls, 1);
    EXPECT_EQ(xen.number, number);
    EXPECT_EQ(xen.arguments[0], operation);
    EXPECT_EQ(self.calls[kind], 1U);
  }

  Noting_xen xen;
  arch::hosted::Installed_machine installed{xen};
  Cpu_local self;
  Hypercalls hypercalls{Hypercalls::Presence::present};
};

TEST_F(Hypercall_arguments, of_get_features_ask_for_the_first_word_and_its_bits_are_returned) {
  std::uint32_t asked_for = 1;
  xen.look = [&](const auto& registers) {
    auto& info = at<abi::Xen_feature_info>(registers[1]);
    asked_for = info.submap_idx;
    info.submap = 0x10004;
  };
  const Result<std::uint32_t> features = hypercalls.features();
  ASSERT_TRUE(features);
  EXPECT_EQ(*features, 0x10004U);
  EXPECT_EQ(asked_for, 0U);
  expect_call(abi::Hypercall::xen_version, 6, Call::xen_version);
}

TEST_F(Hypercall_arguments, of_add_to_physmap_name_our_own_domain_the_space_the_index_and_the_frame) {
  abi::Xen_add_to_physmap argument{
      .domid = Domain_id{0}, .space = abi::Map_space::shared_info, .gpfn = abi::Gfn{0}};
  copy_argument_to(argument);
  ASSERT_TRUE(hypercalls.add_to_physmap(abi::Map_space::grant_table, 5, abi::Gfn{0x38000}));
  expect_call(abi::Hypercall::memory_op, 7, Call::memory_op);
  EXPECT_EQ(argument.domid, abi::domain_self);
  EXPECT_EQ(argument.space, abi::Map_space::grant_table);
  EXPECT_EQ(argument.size, 0U);
  EXPECT_EQ(argument.idx, 5U);
  EXPECT_EQ(argument.gpfn, abi::Gfn{0x38000});
}

TEST_F(Hypercall_arguments, of_remove_from_physmap_name_our_own_domain_and_the_frame) {
  abi::Xen_remove_from_physmap argument{.domid = Domain_id{0}, .gpfn = abi::Gfn{0}};
  copy_argument_to(argument);
  ASSERT_TRUE(hypercalls.remove_from_physmap(abi::Gfn{0x38001}));
  expect_call(abi::Hypercall::memory_op, 15, Call::memory_op);
  EXPECT_EQ(argument.domid, abi::domain_self);
  EXPECT_EQ(argument.gpfn, abi::Gfn{0x38001});
}

TEST_F(Hypercall_arguments, of_decrease_reservation_list_single_pages_and_its_answer_is_how_many_xen_took) {
  const std::array frames{abi::Gfn{0x40010}, abi::Gfn{0x40020}, abi::Gfn{0x40030}};
  abi::Xen_memory_reservation argument{.extent_start = {}, .domid = Domain_id{0}};
  copy_argument_to(argument);
  xen.answer = 2;
  const Result<std::uint64_t> taken = hypercalls.decrease_reservation(frames);
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, 2U);
  expect_call(abi::Hypercall::memory_op, 1, Call::memory_op);
  EXPECT_EQ(argument.extent_start.address(), reinterpret_cast<std::uintptr_t>(frames.data()));
  EXPECT_EQ(argument.nr_extents, 3U);
  EXPECT_EQ(argument.extent_order, 0U);
  EXPECT_EQ(argument.domid, abi::domain_self);
}

TEST_F(Hypercall_arguments, of_shutdown_give_the_reason_and_that_it_returns_is_an_error_xen_gave) {
  abi::Sched_shutdown argument{abi::Shutdown_reason::poweroff};
  copy_argument_to(argument);
  xen.answer = -22;
  const Result<> refused = hypercalls.shutdown(abi::Shutdown_reason::crash);
  ASSERT_FALSE(refused);
  EXPECT_STREQ(refused.error().text(), "SCHEDOP_shutdown: Xen refused (22, EINVAL: invalid argument or state)");
  expect_call(abi::Hypercall::sched_op, 2, Call::sched_op);
  EXPECT_EQ(argument.reason, abi::Shutdown_reason::crash);
}

TEST_F(Hypercall_arguments, of_console_write_are_the_length_and_the_address_of_the_text) {
  constexpr std::string_view text = "hello, Xen";
  ASSERT_TRUE(hypercalls.console_write(text.substr(0, 5)));
  expect_call(abi::Hypercall::console_io, 0, Call::console_io);
  EXPECT_EQ(xen.arguments[1], 5U);
  EXPECT_EQ(xen.arguments[2], reinterpret_cast<std::uintptr_t>(text.data()));
}

TEST_F(Hypercall_arguments, that_xen_refuses_make_an_error_that_names_the_call) {
  xen.answer = -38;
  EXPECT_STREQ(hypercalls.features().error().text(),
               "XENVER_get_features: Xen refused (38, ENOSYS: this Xen has no such call)");
  for (const Result<>& result : {hypercalls.add_to_physmap(abi::Map_space::shared_info, 0, abi::Gfn{1}),
                                 hypercalls.remove_from_physmap(abi::Gfn{1}), hypercalls.console_write("x")}) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().number(), 38);
  }
  EXPECT_FALSE(hypercalls.decrease_reservation({}));
}

}  // namespace
}  // namespace enlighten::guest
