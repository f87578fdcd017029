// SPDX-License-Identifier: MIT
// Two domains, and the calls by which the first one gets at its own grants and those of the other.
#pragma once

#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <abi/domain_id.hpp>
#include <abi/errno.hpp>
#include <abi/grant_table.hpp>

#include "fake_memory_domain.hpp"

namespace enlighten::model::grant_fixture {

using abi::Grant_status;
using abi::Grant_table_op;

inline constexpr Domain_id own{1};
inline constexpr Domain_id peer{2};
inline constexpr Domain_id absent{99};
inline constexpr Grant_ref ref{8};
inline constexpr abi::Gfn granted{Fake_memory_domain::first_ram.value() + 5};
inline constexpr abi::Gfn hole{0x50000};
inline constexpr abi::Gfn region = Fake_memory_domain::region;
inline constexpr std::uint64_t bad_pointer = 0x10;

constexpr std::int64_t refusal(abi::Errno number) {
  return -static_cast<std::int64_t>(number);
}

class Grant_fixture : public testing::TestWithParam<Release> {
 protected:
  Grant_fixture() { machine_.release = GetParam(); }

  template <typename Operation>
  std::int64_t call(Grant_table_op which, Operation& operation, std::uint32_t count = 1) {
    return domain_.grants().call(static_cast<std::uint32_t>(which), address_of(operation), count);
  }

  // The entry as its guest sees it.
  static abi::Grant_entry_v1& entry(Fake_memory_domain& domain, Grant_ref which = ref) {
    auto* const entries =
        reinterpret_cast<abi::Grant_entry_v1*>(domain.bytes(domain.grants().frame_for(0).value()));
    return entries[which.value()];
  }
  static void grant(Fake_memory_domain& from, Domain_id to, abi::Gfn frame = granted, std::uint16_t flags = 1) {
    entry(from) = {flags, to, static_cast<std::uint32_t>(frame.value())};
  }
  std::byte* page(Fake_memory_domain& domain, abi::Gfn frame) { return domain.ram(frame); }

  static abi::Gnttab_map_grant_ref mapping(Domain_id of, std::uint32_t flags = abi::grant_map::host_map,
                                           Grant_ref which = ref) {
    return {.host_addr = abi::address_of(region), .flags = flags, .ref = which, .dom = of};
  }
  Grant_status map(abi::Gnttab_map_grant_ref& operation) {
    EXPECT_EQ(call(Grant_table_op::map_grant_ref, operation), 0);
    return operation.status;
  }
  Grant_status map_of(Domain_id of, std::uint32_t flags = abi::grant_map::host_map, Grant_ref which = ref) {
    abi::Gnttab_map_grant_ref operation = mapping(of, flags, which);
    return map(operation);
  }
  Grant_status unmap(abi::Grant_handle handle, std::uint64_t host_addr = abi::address_of(region)) {
    abi::Gnttab_unmap_grant_ref operation{.host_addr = host_addr, .dev_bus_addr = 0, .handle = handle};
    EXPECT_EQ(call(Grant_table_op::unmap_grant_ref, operation), 0);
    return operation.status;
  }
  Grant_status copy(abi::Gnttab_copy operation) {
    EXPECT_EQ(call(Grant_table_op::copy, operation), 0);
    return operation.status;
  }
  static abi::Gnttab_copy::Side at_frame(abi::Gfn frame, std::uint16_t offset = 0,
                                         Domain_id domain = abi::domain_self) {
    return {.u = {.gmfn = frame.value()}, .domid = domain, .offset = offset};
  }
  static abi::Gnttab_copy::Side at_grant(Domain_id domain, Grant_ref which = ref, std::uint16_t offset = 0) {
    abi::Gnttab_copy::Side side{.u = {.gmfn = 0}, .domid = domain, .offset = offset};
    side.u.ref = which;
    return side;
  }

  Fake_memory_machine machine_;
  Fake_memory_domain domain_{machine_, own};
  Fake_memory_domain peer_{machine_, peer};
};

[[nodiscard]] inline std::string release_name(const testing::TestParamInfo<Release>& release) {
  return release.param == Release::master ? "master" : "v4_17";
}

}  // namespace enlighten::model::grant_fixture
