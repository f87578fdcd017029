// SPDX-License-Identifier: MIT
// What a guest must not do ends the run, and is told with the place in the guest that did it.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <new>
#include <string>

#include <abi/domain_id.hpp>
#include <abi/event_fifo.hpp>
#include <abi/frame.hpp>
#include <abi/psci.hpp>
#include <arch/processor.hpp>
#include <arch/psci.hpp>
#include <model/affinity.hpp>

#include "bare_guest.hpp"
#include "calls.hpp"

namespace enlighten::on_model {
namespace {

using model_machine::Model_vcpu;
using model_machine::Outcome;

arch::Psci psci{arch::Conduit::hvc};

std::uint64_t page(Model_vcpu& vcpu, std::uint64_t number) {
  return vcpu.domain().ram_base() + number * abi::page_size;
}

[[gnu::noinline]] void init_control(Model_vcpu& vcpu, Vcpu_id whose) {
  abi::Evtchn_init_control argument{
      .control_gfn = abi::gfn_of(page(vcpu, whose.value())), .offset = 0, .vcpu = whose};
  static_cast<void>(event_channel_op(abi::Event_channel_op::init_control, argument));
}

[[gnu::noinline]] void register_info(Model_vcpu& vcpu, Vcpu_id whose) {
  abi::Vcpu_register_vcpu_info argument{abi::gfn_of(page(vcpu, 8 + whose.value())), 0};
  static_cast<void>(vcpu_op(abi::Vcpu_op::register_vcpu_info, whose, argument));
}

class Checks_on_model : public testing::TestWithParam<const char*> {
 protected:
  // vCPU 1 is on, or vCPU 0 is alone, and does `wrong`.
  static void expect_blamed(const char* for_what, const char* in, const std::function<void(Model_vcpu&)>& wrong,
                            bool with_another = false) {
    const Ran ran = run_bare({.schedule = GetParam(), .vcpus = 2}, [&](Model_vcpu& vcpu, std::uint64_t) {
      if (vcpu.id() != Vcpu_id{0}) {
        arch::wait_for_interrupt();
      }
      if (with_another) {
        static_cast<void>(psci.cpu_on(model::affinity_of(Vcpu_id{1}), 0x4000, 0));
      }
      wrong(vcpu);
    });
    EXPECT_EQ(ran.outcome, Outcome::blamed) << ran.story;
    EXPECT_NE(ran.story.find(std::string{"domain 1, by vCPU 0: "}), std::string::npos) << ran.story;
    EXPECT_NE(ran.story.find(for_what), std::string::npos) << ran.story;
    EXPECT_NE(ran.story.find(in), std::string::npos) << ran.story;
    EXPECT_NE(ran.story.find("checks_test.cpp:"), std::string::npos) << ran.story;
  }
};

TEST_P(Checks_on_model, init_control_for_another_vcpu_that_is_online) {
  const auto wrong = [](Model_vcpu& vcpu) { init_control(vcpu, Vcpu_id{1}); };
  expect_blamed("the wrong vCPU", "init_control", wrong, true);
}

TEST_P(Checks_on_model, register_vcpu_info_for_another_vcpu_that_is_online) {
  const auto wrong = [](Model_vcpu& vcpu) { register_info(vcpu, Vcpu_id{1}); };
  expect_blamed("the wrong vCPU", "register_info", wrong, true);
}

TEST_P(Checks_on_model, neither_where_the_other_is_off_and_only_prepared) {
  const Ran ran = run_bare({.schedule = GetParam(), .vcpus = 2}, [](Model_vcpu& vcpu, std::uint64_t) {
    init_control(vcpu, Vcpu_id{0});
    init_control(vcpu, Vcpu_id{1});
    register_info(vcpu, Vcpu_id{1});
  });
  EXPECT_EQ(ran.outcome, Outcome::done) << ran.story;
}

TEST_P(Checks_on_model, a_port_bound_to_a_vcpu_without_control_block) {
  expect_blamed("no FIFO control block", "operator()", [](Model_vcpu& vcpu) {
    init_control(vcpu, Vcpu_id{0});
    abi::Evtchn_bind_ipi argument{.vcpu = Vcpu_id{1}};
    static_cast<void>(event_channel_op(abi::Event_channel_op::bind_ipi, argument));
  });
}

TEST_P(Checks_on_model, a_control_block_that_is_not_zero) {
  expect_blamed("is not zero", "init_control", [](Model_vcpu& vcpu) {
    auto& block = *new (reinterpret_cast<void*>(page(vcpu, 0))) abi::Evtchn_fifo_control_block;
    block.ready = 1;
    init_control(vcpu, Vcpu_id{0});
  });
}

TEST_P(Checks_on_model, a_page_given_away_that_xen_refers_to) {
  expect_blamed("vcpu_info", "operator()", [](Model_vcpu& vcpu) {
    register_info(vcpu, Vcpu_id{0});
    abi::Gfn frame = abi::gfn_of(page(vcpu, 8));
    abi::Xen_memory_reservation argument{
        .extent_start = abi::Guest_handle<abi::Gfn>{&frame}, .nr_extents = 1, .domid = abi::domain_self};
    static_cast<void>(memory_op(abi::Memory_op::decrease_reservation, argument));
  });
}

TEST_P(Checks_on_model, a_bit_of_a_linked_word_that_is_xens) {
  expect_blamed("FIFO event word", "operator()", [](Model_vcpu& vcpu) {
    init_control(vcpu, Vcpu_id{0});
    abi::Evtchn_expand_array array{.array_gfn = abi::gfn_of(page(vcpu, 4))};
    static_cast<void>(event_channel_op(abi::Event_channel_op::expand_array, array));
    abi::Evtchn_bind_ipi ipi{.vcpu = Vcpu_id{0}};
    static_cast<void>(event_channel_op(abi::Event_channel_op::bind_ipi, ipi));
    abi::Evtchn_send send{.port = ipi.port};
    static_cast<void>(event_channel_op(abi::Event_channel_op::send, send));
    // The link of a word that is in a queue is Xen's.
    auto& word = reinterpret_cast<abi::Event_word*>(page(vcpu, 4))[ipi.port.value()];
    word |= 5;
    static_cast<void>(event_channel_op(abi::Event_channel_op::send, send));
  });
}

TEST_P(Checks_on_model, memory_shared_that_is_not_mapped_write_back) {
  expect_blamed("not Normal write-back", "register_info", [](Model_vcpu& vcpu) {
    vcpu.domain().set_memory_kinds({{abi::gfn_of(page(vcpu, 8)), model::Memory_kind::uncached}});
    register_info(vcpu, Vcpu_id{0});
  });
}

TEST_P(Checks_on_model, shared_memory_that_is_then_mapped_as_a_device) {
  expect_blamed("not Normal write-back", "operator()", [](Model_vcpu& vcpu) {
    register_info(vcpu, Vcpu_id{0});
    vcpu.domain().set_memory_kinds({{abi::gfn_of(page(vcpu, 7)), model::Memory_kind::device},
                                    {abi::gfn_of(page(vcpu, 8)), model::Memory_kind::device}});
    vcpu.relax();  // no tail call: the function is to be on the stack
  });
}

TEST_P(Checks_on_model, a_page_of_xens_placed_where_memory_is_not_mapped_write_back) {
  expect_blamed("as shared_info", "operator()", [](Model_vcpu& vcpu) {
    const abi::Gfn at = abi::gfn_of(vcpu.domain().ram_base() + vcpu.domain().ram_size());
    vcpu.domain().set_memory_kinds({{at, model::Memory_kind::device}});
    abi::Xen_add_to_physmap argument{.domid = abi::domain_self, .space = abi::Map_space::shared_info, .gpfn = at};
    static_cast<void>(memory_op(abi::Memory_op::add_to_physmap, argument));
  });
}

INSTANTIATE_TEST_SUITE_P(Whoever_runs, Checks_on_model, testing::Values("random", "threads"),
                         [](const auto& parameters) { return std::string{parameters.param}; });

}  // namespace
}  // namespace enlighten::on_model
