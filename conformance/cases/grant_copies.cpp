// SPDX-License-Identifier: MIT
// Bytes copied by Xen from or to a granted page.
#include <conformance/grants.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Grant_status;

constexpr std::uint16_t from_grant = abi::grant_copy::source_gref;
constexpr std::uint16_t to_grant = abi::grant_copy::dest_gref;

struct Pages {
  Grant_entries entries;
  std::uint64_t* source;
  std::uint64_t* dest;

  explicit Pages(Bench& bench) noexcept
      : entries{bench}, source{bench.page<std::uint64_t>()}, dest{bench.page<std::uint64_t>()} {
    for (std::uint64_t index = 0; index < abi::page_size / sizeof(std::uint64_t); ++index) {
      source[index] = 0x1000 + index;
    }
  }
};

void copied(Bench& bench) {
  Pages pages{bench};
  const Grant_ref ref = pages.entries.grant(frame_of(pages.source), abi::grant_flags::readonly);
  const auto source = granted_by(pages.entries.own(), ref, 8);
  bench.check("16 bytes from a grant", copy(source, frame_of_ours(frame_of(pages.dest), 32), from_grant),
              number(Grant_status::okay));
  bench.check_bits("before", get(pages.dest[3]), 0);
  bench.check_bits("first word", get(pages.dest[4]), 0x1001);
  bench.check_bits("second word", get(pages.dest[5]), 0x1002);
  bench.check_bits("behind", get(pages.dest[6]), 0);
  bench.check_bits("flags", pages.entries.flags(ref), abi::grant_flags::permit_access | abi::grant_flags::readonly);
}

void copied_to(Bench& bench) {
  Pages pages{bench};
  const Grant_ref ref = pages.entries.grant(frame_of(pages.dest));
  bench.check(
      "a whole page to a grant",
      copy(frame_of_ours(frame_of(pages.source)), granted_by(pages.entries.own(), ref), to_grant, abi::page_size),
      number(Grant_status::okay));
  bench.check_bits("first word", get(pages.dest[0]), 0x1000);
  bench.check_bits("last word", get(pages.dest[511]), 0x11ff);
  const Grant_ref read_only = pages.entries.grant(frame_of(pages.source), abi::grant_flags::readonly);
  bench.check("to a read-only grant",
              copy(frame_of_ours(frame_of(pages.dest)), granted_by(pages.entries.own(), read_only), to_grant),
              number(Grant_status::general_error));
  bench.check("from grant to grant",
              copy(granted_by(pages.entries.own(), read_only, 64), granted_by(pages.entries.own(), ref),
                   from_grant | to_grant),
              number(Grant_status::okay));
  bench.check_bits("first word", get(pages.dest[0]), 0x1008);
}

void across(Bench& bench) {
  Pages pages{bench};
  const Grant_ref ref = pages.entries.grant(frame_of(pages.source));
  const auto dest = frame_of_ours(frame_of(pages.dest));
  const Domain_id own = pages.entries.own();
  constexpr auto bad = number(Grant_status::bad_copy_arg);
  bench.check("source ends at the page's end", copy(granted_by(own, ref, 4080), dest, from_grant),
              number(Grant_status::okay));
  bench.check("source goes beyond", copy(granted_by(own, ref, 4081), dest, from_grant), bad);
  bench.check("destination goes beyond",
              copy(granted_by(own, ref), frame_of_ours(frame_of(pages.dest), 4081), from_grant), bad);
  bench.check("more than a page", copy(granted_by(own, ref), dest, from_grant, abi::page_size + 1), bad);
}

void refusals(Bench& bench) {
  Pages pages{bench};
  const Domain_id own = pages.entries.own();
  const Grant_ref ref = pages.entries.grant(frame_of(pages.source));
  const auto dest = frame_of_ours(frame_of(pages.dest));
  bench.check("from an unused entry", copy(granted_by(own, pages.entries.unused()), dest, from_grant),
              number(Grant_status::general_error));
  bench.check("from entry 100000", copy(granted_by(own, no_grant), dest, from_grant),
              number(Grant_status::bad_gntref));
  bench.check("from a grant of domain 99", copy(granted_by(no_domain, ref), dest, from_grant),
              number(Grant_status::bad_domain));
  bench.check("from a grant of a hole", copy(granted_by(own, pages.entries.grant(bench.hole())), dest, from_grant),
              number(Grant_status::bad_page));
  bench.check("to a hole", copy(granted_by(own, ref), frame_of_ours(bench.hole()), from_grant),
              number(Grant_status::bad_page));
  bench.check("to a frame by the domain's number",
              copy(granted_by(own, ref), frame_of_ours(frame_of(pages.dest), 0, own), from_grant),
              number(Grant_status::permission_denied));
  bench.check("nothing was copied", static_cast<std::int64_t>(get(pages.dest[0])), 0);
}

void nothing(Bench& bench) {
  Pages pages{bench};
  const Grant_ref ref = pages.entries.grant(frame_of(pages.source));
  const auto dest = frame_of_ours(frame_of(pages.dest));
  bench.check("no bytes", copy(granted_by(pages.entries.own(), ref), dest, from_grant, 0),
              number(Grant_status::okay));
  bench.check("no bytes from domain 99", copy(granted_by(no_domain, ref), dest, from_grant, 0),
              Expected{number(Grant_status::bad_domain)}.since(4, 19, number(Grant_status::okay)));
}

void swap(Bench& bench) {
  Pages pages{bench};
  const Grant_ref first = pages.entries.grant(frame_of(pages.source));
  const Grant_ref second = pages.entries.grant(frame_of(pages.dest), abi::grant_flags::readonly);
  const auto exchange = [](Grant_ref one, Grant_ref other) {
    abi::Gnttab_swap_grant_ref argument{.ref_a = one, .ref_b = other};
    const std::int64_t result = grant_table_op(abi::Grant_table_op::swap_grant_ref, argument);
    return result == 0 ? number(argument.status) : result;
  };
  bench.check("swap", exchange(first, second), number(Grant_status::okay));
  bench.check_bits("flags of the first", pages.entries.flags(first),
                   abi::grant_flags::permit_access | abi::grant_flags::readonly);
  bench.check_bits("flags of the second", pages.entries.flags(second), abi::grant_flags::permit_access);
  bench.check("with itself", exchange(first, first), number(Grant_status::okay));
  bench.check("with entry 100000", exchange(first, no_grant), number(Grant_status::bad_gntref));
}

constexpr Case cases[] = {
    {"a copy from a grant puts the bytes where they are wanted and nowhere else",
     "GNTTABOP_copy, GNTCOPY_source_gref ([xen] grant_table.h)", copied},
    {"a copy to a grant needs one that may be written", "GNTCOPY_dest_gref ([xen] grant_table.h)", copied_to},
    {"a copy stays within one page at either side",
     "GNTST_bad_copy_arg: source or destination crosses a page "
     "([xen] grant_table.h)",
     across},
    {"a copy needs a grant that is one, pages that exist, and DOMID_SELF for what is not granted",
     "GNTTABOP_copy by frame is for the caller's own ([xen] grant_table.c)", refusals},
    {"a copy of nothing is looked at before 4.19, not since", "len 0 is nothing to do ([xen] grant_table.c)",
     nothing},
    {"two entries of the caller's can be exchanged", "GNTTABOP_swap_grant_ref ([xen] grant_table.h)", swap},
};

}  // namespace

constinit const Subject grant_copies_subject{"grant_copies", cases};

}  // namespace enlighten::conformance
