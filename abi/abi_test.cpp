// SPDX-License-Identifier: MIT
// What abi/ says beyond numbers: the words for an errno, a handle's upper half, the interrupt in a parameter.
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <string_view>

#include <abi/errno.hpp>
#include <abi/event_channel.hpp>
#include <abi/grant_status.hpp>
#include <abi/guest_handle.hpp>
#include <abi/hvm_op.hpp>
#include <abi/psci.hpp>
#include <abi/virq.hpp>

namespace enlighten::abi {
namespace {

TEST(Errno, is_named_with_a_phrase_in_words) {
  EXPECT_STREQ(errno_name(Errno::enoent), "ENOENT: no such object or vCPU");
  EXPECT_STREQ(errno_name(Errno::econnrefused), "ECONNREFUSED: connection refused");
}

TEST(Errno, that_xen_does_not_define_is_said_to_be_so) {
  EXPECT_STREQ(errno_name(static_cast<Errno>(4)), "an errno Xen does not define");
  EXPECT_STREQ(errno_name(static_cast<Errno>(-22)), "an errno Xen does not define");
}

TEST(Errno, is_found_by_its_name_and_by_nothing_less) {
  EXPECT_EQ(errno_named("ENOENT"), Errno::enoent);
  EXPECT_EQ(errno_named("EPERM"), Errno::eperm);
  EXPECT_EQ(errno_named("ECONNREFUSED"), Errno::econnrefused);
  for (const char* none : {"", "E", "ENOEN", "ENOENT:", "ENOENT: no such object or vCPU", "enoent", "EWHAT"}) {
    EXPECT_EQ(errno_named(none), std::nullopt) << none;
  }
}

TEST(Psci_result, that_psci_does_not_define_is_said_to_be_so) {
  EXPECT_EQ(std::string_view{psci_result_name(Psci_result::already_on)}.substr(0, 10), "ALREADY_ON");
  EXPECT_STREQ(psci_result_name(static_cast<Psci_result>(-10)), "a result PSCI does not define");
}

TEST(Grant_status_name, finds_every_status_and_no_other) {
  for (int status = 0; status >= -13; --status) {
    EXPECT_EQ(std::string_view{grant_status_name(static_cast<Grant_status>(status))}.substr(0, 6), "GNTST_");
  }
  EXPECT_STREQ(grant_status_name(Grant_status::bad_handle), "GNTST_bad_handle: no such mapping");
  for (const int status : {-14, 1, 12, -256, -32768}) {
    EXPECT_STREQ(grant_status_name(static_cast<Grant_status>(status)), "a status Xen does not define");
  }
}

TEST(Guest_handle, is_the_address_in_eight_bytes) {
  int object = 0;
  const Guest_handle<int> handle{&object};
  EXPECT_EQ(std::bit_cast<std::uint64_t>(handle), reinterpret_cast<std::uintptr_t>(&object));
  EXPECT_EQ(Guest_handle<int>{}.address(), 0U);
}

TEST(Callback_irq, of_a_domain_made_by_the_toolstack_is_ppi_31_active_low) {
  const Callback_irq callback{0x0200'0000'0000'021fULL};
  EXPECT_EQ(callback.type(), Callback_irq::Type::ppi);
  EXPECT_EQ(callback.interrupt(), Interrupt{31});
  EXPECT_FALSE(callback.is_edge());
  EXPECT_TRUE(callback.is_active_low());
}

TEST(Virq, of_the_debug_kind_is_per_vcpu_and_of_the_console_kind_is_not) {
  EXPECT_TRUE(is_per_vcpu(virq_debug));
  EXPECT_FALSE(is_per_vcpu(virq_console));
}

TEST(Event_word, has_no_bit_with_two_meanings) {
  using namespace event_word;
  EXPECT_EQ(pending | masked | linked | busy | link, 0xf001'ffffU);
  EXPECT_EQ(pending ^ masked ^ linked ^ busy ^ link, 0xf001'ffffU);
}

}  // namespace
}  // namespace enlighten::abi
