// SPDX-License-Identifier: MIT
// Tests of giving pages back and getting them again, and of what a page in use counts for.
#include <model/memory_operations.hpp>

#include <array>

#include <abi/grant_table.hpp>

#include "test/memory_fixture.hpp"

namespace enlighten::model {
namespace {

using namespace memory_fixture;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Memory_reservation_test : public Memory_fixture {};

INSTANTIATE_TEST_SUITE_P(releases, Memory_reservation_test, testing::Values(Release::v4_17, Release::master),
                         release_name);

// Row 78.
TEST_P(Memory_reservation_test, a_page_given_up_is_a_hole_until_it_comes_back_with_what_was_in_it) {
  *domain_.ram(ram) = std::byte{0x5a};
  EXPECT_EQ(decrease(ram), 1);
  EXPECT_EQ(domain_.machine_frame(ram), std::nullopt);
  EXPECT_EQ(decrease(ram), 0);
  EXPECT_EQ(ask(Memory_op::current_reservation), initial - 1);
  EXPECT_EQ(populate(ram), 1);
  ASSERT_NE(domain_.ram(ram), nullptr);
  EXPECT_EQ(*domain_.ram(ram), std::byte{0x5a});
  EXPECT_EQ(ask(Memory_op::current_reservation), initial);
  EXPECT_THAT(domain_.blames(), IsEmpty());
}

TEST_P(Memory_reservation_test, a_page_given_up_counts_as_long_as_a_grant_of_it_is_used) {
  domain_.grants().seed(Grant_ref{8}, own, ram);
  abi::Gnttab_map_grant_ref mapping{
      .host_addr = abi::address_of(region), .flags = abi::grant_map::host_map, .ref = Grant_ref{8}, .dom = own};
  const auto grants = [&](abi::Grant_table_op which, auto& argument) {
    return domain_.grants().call(static_cast<std::uint32_t>(which), address_of(argument), 1);
  };
  ASSERT_EQ(grants(abi::Grant_table_op::map_grant_ref, mapping), 0);
  ASSERT_EQ(mapping.status, abi::Grant_status::okay);
  EXPECT_EQ(decrease(ram), 1);
  EXPECT_EQ(domain_.machine_frame(ram), std::nullopt);
  EXPECT_EQ(ask(Memory_op::current_reservation), initial);
  EXPECT_EQ(populate(ram), 0);
  abi::Gnttab_unmap_grant_ref unmapping{.host_addr = mapping.host_addr, .handle = mapping.handle};
  ASSERT_EQ(grants(abi::Grant_table_op::unmap_grant_ref, unmapping), 0);
  EXPECT_EQ(ask(Memory_op::current_reservation), initial - 1);
  EXPECT_EQ(populate(ram), 1);
}

TEST_P(Memory_reservation_test, a_page_for_a_frame_that_cannot_be_is_lost) {
  ASSERT_EQ(decrease(ram), 1);
  EXPECT_EQ(populate(abi::no_frame), 0);
  EXPECT_EQ(ask(Memory_op::current_reservation), initial);
  EXPECT_EQ(populate(ram), 0);
  EXPECT_THAT(domain_.blames(), ElementsAre(HasSubstr("the page is lost until the domain ends")));
}

TEST_P(Memory_reservation_test, no_page_is_exchanged_whatever_else_is_wrong) {
  abi::Gfn list = ram;
  const auto exchange = [&](std::uint64_t count, std::uint32_t order, Domain_id to, std::uint64_t done) {
    abi::Xen_memory_exchange wanted{.in = {.extent_start = abi::Guest_handle<abi::Gfn>{&list},
                                           .nr_extents = count,
                                           .extent_order = order,
                                           .domid = abi::domain_self},
                                    .out = {.extent_start = abi::Guest_handle<abi::Gfn>{&list},
                                            .nr_extents = count,
                                            .extent_order = 0,
                                            .domid = to},
                                    .nr_exchanged = done};
    return call(Memory_op::exchange, address_of(wanted));
  };
  EXPECT_EQ(call(Memory_op::exchange, bad_pointer), refusal(Errno::efault));
  EXPECT_EQ(exchange(1, 10, own, 2), refusal(Errno::eperm));
  EXPECT_EQ(exchange(1, 0, abi::domain_self, 2), refusal(Errno::einval));
  EXPECT_EQ(exchange(1, 0, own, 0), refusal(Errno::einval));
  EXPECT_EQ(exchange(1, 1, abi::domain_self, 0), refusal(Errno::einval));
  EXPECT_EQ(exchange(0, 0, abi::domain_self, 0), 0);
  EXPECT_EQ(exchange(1, 0, abi::domain_self, 0), refusal(Errno::eopnotsupp));
  list = region;
  EXPECT_EQ(exchange(1, 0, abi::domain_self, 0), refusal(Errno::einval));
}

// struct xen_reserved_device_memory_map ([xen] memory.h): flags, room, buffer, device.
TEST_P(Memory_reservation_test, no_device_has_memory_reserved) {
  struct {
    std::uint32_t flags = 0;
    std::uint32_t entries = 7;
    std::uint64_t buffer = 0;
    std::uint64_t device = 0;
  } question;
  EXPECT_EQ(call(Memory_op::reserved_device_memory_map, address_of(question)), 0);
  EXPECT_EQ(question.entries, 0);
  question.flags = 2;
  EXPECT_EQ(call(Memory_op::reserved_device_memory_map, address_of(question)), refusal(Errno::einval));
  EXPECT_EQ(call(Memory_op::reserved_device_memory_map, bad_pointer), refusal(Errno::efault));
}

// Row 79.
TEST_P(Memory_reservation_test, what_cannot_be_populated_counts_as_none) {
  EXPECT_EQ(populate(region), 0);
  ASSERT_EQ(decrease(ram), 1);
  abi::Gfn frame = ram;
  EXPECT_EQ(change(Memory_op::populate_physmap, &frame, {.order = 10}), 0);
  EXPECT_EQ(change(Memory_op::populate_physmap, &frame, {.domain = absent}), 0);
  EXPECT_EQ(change(Memory_op::populate_physmap, &frame, {.domain = peer}), 0);
  EXPECT_EQ(change(Memory_op::populate_physmap, nullptr, {}), 0);
  EXPECT_EQ(call(Memory_op::populate_physmap, bad_pointer), 0);
  EXPECT_EQ(change(Memory_op::populate_physmap, &frame, {.domain = own}), 1);
}

TEST_P(Memory_reservation_test, a_reservation_goes_on_where_its_command_says) {
  std::array frames{ram, after(ram, 1), after(ram, 2)};
  EXPECT_EQ(change(Memory_op::decrease_reservation, frames.data(), {.count = 3, .start = 1}), 3);
  EXPECT_NE(domain_.machine_frame(ram), std::nullopt);
  EXPECT_EQ(domain_.machine_frame(after(ram, 2)), std::nullopt);
  EXPECT_EQ(change(Memory_op::decrease_reservation, frames.data(), {.count = 3, .start = 5}), 5);
  EXPECT_EQ(call(Memory_op::decrease_reservation, bad_pointer, 2), 2);
}

TEST_P(Memory_reservation_test, a_reservation_stops_at_the_first_extent_it_cannot_do) {
  std::array frames{ram, region, after(ram, 1)};
  EXPECT_EQ(change(Memory_op::decrease_reservation, frames.data(), {.count = 3}), 1);
  EXPECT_NE(domain_.machine_frame(after(ram, 1)), std::nullopt);
}

TEST_P(Memory_reservation_test, an_extent_of_2_mib_goes_and_comes_as_one) {
  abi::Gfn first = Fake_memory_domain::first_ram;
  EXPECT_EQ(change(Memory_op::decrease_reservation, &first, {.order = 9}), 1);
  EXPECT_EQ(ask(Memory_op::current_reservation), initial - 512);
  ASSERT_EQ(populate(first), 1);
  // One page short.
  abi::Gfn elsewhere = region;
  EXPECT_EQ(change(Memory_op::populate_physmap, &elsewhere, {.order = 9}), 0);
  EXPECT_EQ(ask(Memory_op::current_reservation), initial - 511);
}

TEST_P(Memory_reservation_test, a_page_given_up_while_xen_refers_to_it_counts_and_turns_up_nowhere_else) {
  const std::optional<Mfn> page = domain_.machine_frame(ram);
  domain_.pin(ram, "a FIFO control block");
  ASSERT_EQ(decrease(ram), 1);
  EXPECT_EQ(ask(Memory_op::current_reservation), initial);
  EXPECT_EQ(populate(region), 0);
  domain_.unpin(ram);
  EXPECT_EQ(ask(Memory_op::current_reservation), initial - 1);
  ASSERT_EQ(populate(region), 1);
  EXPECT_EQ(domain_.machine_frame(region), page);
}

}  // namespace
}  // namespace enlighten::model
