// SPDX-License-Identifier: MIT
// Two domains, and the calls by which the first one changes what is where in its memory.
#pragma once

#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <abi/domain_id.hpp>
#include <abi/errno.hpp>
#include <abi/memory_op.hpp>

#include "fake_memory_domain.hpp"

namespace enlighten::model::memory_fixture {

using abi::Errno;
using abi::Map_space;
using abi::Memory_op;

inline constexpr Domain_id own{1};
inline constexpr Domain_id peer{2};
inline constexpr Domain_id absent{99};
inline constexpr abi::Gfn ram{Fake_memory_domain::first_ram.value() + 7};
inline constexpr abi::Gfn region = Fake_memory_domain::region;
inline constexpr std::uint64_t bad_pointer = 0x10;
inline constexpr auto initial = static_cast<std::int64_t>(Fake_memory_domain::initial_pages);

constexpr std::int64_t refusal(Errno number) {
  return -static_cast<std::int64_t>(number);
}

constexpr abi::Gfn after(abi::Gfn frame, std::uint64_t count) {
  return abi::Gfn{frame.value() + count};
}

class Memory_fixture : public testing::TestWithParam<Release> {
 protected:
  Memory_fixture() { machine_.release = GetParam(); }

  std::int64_t call(Memory_op which, std::uint64_t address, std::uint64_t start = 0) {
    return domain_.memory().call(static_cast<std::uint64_t>(which) | start << 6U, address);
  }
  std::int64_t add(Map_space space, std::uint64_t index, abi::Gfn at, Domain_id domain = abi::domain_self,
                   std::uint16_t size = 0) {
    abi::Xen_add_to_physmap wanted{.domid = domain, .size = size, .space = space, .idx = index, .gpfn = at};
    return call(Memory_op::add_to_physmap, address_of(wanted));
  }
  std::int64_t remove(abi::Gfn at, Domain_id domain = abi::domain_self) {
    abi::Xen_remove_from_physmap wanted{.domid = domain, .gpfn = at};
    return call(Memory_op::remove_from_physmap, address_of(wanted));
  }
  struct Extents {
    std::uint64_t count = 1;
    std::uint32_t order = 0;
    Domain_id domain = abi::domain_self;
    std::uint64_t start = 0;
  };
  std::int64_t change(Memory_op which, abi::Gfn* frames, const Extents& extents) {
    abi::Xen_memory_reservation reservation{.extent_start = abi::Guest_handle{frames},
                                            .nr_extents = extents.count,
                                            .extent_order = extents.order,
                                            .domid = extents.domain};
    return call(which, address_of(reservation), extents.start);
  }
  std::int64_t decrease(abi::Gfn frame) { return change(Memory_op::decrease_reservation, &frame, {}); }
  std::int64_t populate(abi::Gfn frame) { return change(Memory_op::populate_physmap, &frame, {}); }
  std::int64_t ask(Memory_op which, Domain_id domain = abi::domain_self) {
    abi::Xen_memory_domain asked{.domid = domain};
    return call(which, address_of(asked));
  }

  Fake_memory_machine machine_;
  Fake_memory_domain domain_{machine_, own};
  Fake_memory_domain peer_{machine_, peer};
};

[[nodiscard]] inline std::string release_name(const testing::TestParamInfo<Release>& release) {
  return release.param == Release::master ? "master" : "v4_17";
}

}  // namespace enlighten::model::memory_fixture
