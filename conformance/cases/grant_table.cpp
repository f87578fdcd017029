// SPDX-License-Identifier: MIT
// The grant table itself: its size, its version, where its frames are.
#include <conformance/grants.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Grant_status;
using abi::Grant_table_op;
using abi::Map_space;

[[nodiscard]] abi::Gnttab_query_size size_of(Domain_id dom) noexcept {
  abi::Gnttab_query_size size{.dom = dom};
  static_cast<void>(grant_table_op(Grant_table_op::query_size, size));
  return size;
}

void size(Bench& bench) {
  abi::Gnttab_query_size size{.dom = abi::domain_self};
  bench.check("query_size", grant_table_op(Grant_table_op::query_size, size), 0);
  bench.check("status", number(size.status), number(Grant_status::okay));
  bench.check("frames", size.nr_frames, 1);
  bench.check("at most", size.max_nr_frames, 64);
  bench.check("status of domain 99", number(size_of(no_domain).status), number(Grant_status::bad_domain));
}

void versions(Bench& bench) {
  const auto ask_for = [](abi::Gnttab_set_version& version) {
    return grant_table_op(Grant_table_op::set_version, version);
  };
  abi::Gnttab_set_version two{2};
  bench.check("set_version of 2", ask_for(two), -Errno::enosys);
  bench.check("what it says is in use", two.version, 1);
  abi::Gnttab_set_version three{3};
  bench.check("set_version of 3", ask_for(three), -Errno::einval);
  abi::Gnttab_set_version one{1};
  bench.check("set_version of 1", ask_for(one), 0);
  abi::Gnttab_get_version version{.dom = abi::domain_self};
  bench.check("get_version", grant_table_op(Grant_table_op::get_version, version), 0);
  bench.check("the version", version.version, 1);
  abi::Gnttab_get_version nobody{.dom = no_domain};
  bench.check("get_version of domain 99", grant_table_op(Grant_table_op::get_version, nobody), -Errno::esrch);
}

void setup(Bench& bench) {
  abi::Gfn frames[2] = {abi::Gfn{7}, abi::Gfn{7}};
  const auto set_up = [&](Domain_id dom, std::uint32_t count) {
    abi::Gnttab_setup_table argument{.dom = dom, .nr_frames = count, .frame_list = abi::Guest_handle{frames}};
    const std::int64_t result = grant_table_op(Grant_table_op::setup_table, argument);
    return result == 0 ? number(argument.status) : result;
  };
  bench.check("one frame", set_up(abi::domain_self, 1), number(Grant_status::okay));
  bench.check_bits("where it is", frames[0].value(), ~std::uint64_t{0});
  {
    const Grant_entries entries{bench};
    bench.check("one frame, mapped", set_up(abi::domain_self, 1), number(Grant_status::okay));
    bench.check_that("it is where it was mapped", frames[0] == entries.frame());
  }
  bench.check("one frame, removed", set_up(abi::domain_self, 1), number(Grant_status::okay));
  bench.check_bits("where it is", frames[0].value(), ~std::uint64_t{0});
  bench.check("65 frames", set_up(abi::domain_self, 65), number(Grant_status::general_error));
  bench.check("of domain 99", set_up(no_domain, 1), number(Grant_status::bad_domain));
  abi::Gnttab_setup_table both[2] = {{.dom = abi::domain_self, .frame_list = {}},
                                     {.dom = abi::domain_self, .frame_list = {}}};
  bench.check("two at once", grant_table_op(Grant_table_op::setup_table, both, 2), -Errno::einval);
}

void frames_placed(Bench& bench) {
  const abi::Gfn first = bench.hole();
  const abi::Gfn second = bench.hole();
  bench.check("frame 0", add_to_physmap(Map_space::grant_table, 0, first), 0);
  bench.check("frame 0 elsewhere", add_to_physmap(Map_space::grant_table, 0, second), -Errno::ebusy);
  bench.check("frame 0 where it is", add_to_physmap(Map_space::grant_table, 0, first), -Errno::ebusy);
  bench.check("frame 64", add_to_physmap(Map_space::grant_table, 64, second), -Errno::einval);
  bench.check("a status frame", add_to_physmap(Map_space::grant_table, abi::grant_table_status_frame, second),
              -Errno::einval);
  bench.check("removed", remove_from_physmap(first), 0);
  bench.check("frame 0 elsewhere", add_to_physmap(Map_space::grant_table, 0, second), 0);
  bench.check("removed", remove_from_physmap(second), 0);
}

void growth(Bench& bench) {
  const abi::Gfn frame = bench.hole();
  bench.check("frame 3", add_to_physmap(Map_space::grant_table, 3, frame), 0);
  bench.check("frames", size_of(abi::domain_self).nr_frames, 4);
  bool is_zero = true;
  const auto* const words = static_cast<const std::uint64_t*>(at(frame));
  for (std::size_t index = 0; index < abi::page_size / sizeof(std::uint64_t); ++index) {
    is_zero = is_zero && words[index] == 0;
  }
  bench.check_that("its entries are zero", is_zero);
  bench.check("removed", remove_from_physmap(frame), 0);
  bench.check("frames", size_of(abi::domain_self).nr_frames, 4);
}

void operations(Bench& bench) {
  const auto operation = [](std::uint64_t which, std::uint64_t list, std::uint64_t count) {
    return arch::hypercall(abi::Hypercall::grant_table_op, which, list, count);
  };
  std::uint8_t nothing[64] = {};
  bench.check("99", operation(99, address_of(nothing), 1), -Errno::enosys);
  bench.check("transfer", operation(4, address_of(nothing), 1), -Errno::eopnotsupp);
  bench.check("a count below zero", operation(0, address_of(nothing), 0xffff'ffff), -Errno::einval);
  bench.check("map of nothing", operation(0, address_of(nothing), 0), 0);
  bench.check("map from nowhere", operation(0, nowhere, 1), -Errno::efault);
  bench.check("unmap from nowhere", operation(1, nowhere, 1), -Errno::efault);
  bench.check("copy from nowhere", operation(5, nowhere, 1), -Errno::efault);
  bench.check("query_size from nowhere", operation(6, nowhere, 1), -Errno::efault);
  bench.check("two of query_size", operation(6, address_of(nothing), 2), -Errno::einval);
}

void cache_flush(Bench& bench) {
  abi::Gnttab_cache_flush nothing{};
  bench.check("of no bytes", grant_table_op(Grant_table_op::cache_flush, nothing), 0);
  abi::Gnttab_cache_flush unknown{};
  unknown.length = 8;
  unknown.op = 1U << 5;
  bench.check("by an operation there is not", grant_table_op(Grant_table_op::cache_flush, unknown), -Errno::einval);
  abi::Gnttab_cache_flush beyond{};
  beyond.offset = 4090;
  beyond.length = 8;
  beyond.op = abi::grant_cache::clean;
  bench.check("across a page", grant_table_op(Grant_table_op::cache_flush, beyond), -Errno::einval);
}

constexpr Case cases[] = {
    {"a grant table begins with one frame of at most 64", "GNTTABOP_query_size ([xen] grant_table.h)", size},
    {"version 1 is the only one on Arm",
     "GNTTABOP_set_version, _get_version ([xen] grant_table.h, asm/grant_table.h)", versions},
    {"setup_table tells where frames are, and ~0 for those that are nowhere",
     "GNTTABOP_setup_table of a domain that places its frames itself ([xen] grant_table.h)", setup},
    {"a grant frame is in one place, and can be placed again once it is removed",
     "XENMAPSPACE_grant_table ([xen] memory.h)", frames_placed},
    {"placing a frame beyond the table makes the table larger, for good",
     "The table grows as far as the index, up to its limit ([xen] grant_table.c, gnttab_map_frame)", growth},
    {"operations that Arm does not have are refused, and lists are counted and read",
     "GNTTABOP_* ([xen] grant_table.h)", operations},
    {"a cache flush is within a page and of a known kind", "GNTTABOP_cache_flush ([xen] grant_table.h)",
     cache_flush},
};

}  // namespace

constinit const Subject grant_table_subject{"grant_table", cases};

}  // namespace enlighten::conformance
