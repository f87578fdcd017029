// SPDX-License-Identifier: MIT
// A domain that maps and copies what it has granted to itself.
#include <array>
#include <memory>
#include <new>

#include <abi/grant_status.hpp>
#include <runtime/log.hpp>

#include "../support/case.hpp"
#include "grants.hpp"

namespace grants {
namespace {

using abi::Grant_status;
using guest::Grant_end;
using test::Case;

template <typename T>
void refused(Case& result, const Result<T>& outcome, Grant_status status, const char* what) {
  result.equal(outcome ? 0 : static_cast<unsigned long long>(-outcome.error().number()),
               static_cast<unsigned long long>(-static_cast<int>(status)), what);
}

}  // namespace

void pages(Test& test) {
  guest::Grant_table& table = test.grants.table();
  {
    Case result{test.ktap, "a page granted to the domain itself is the same page where it is mapped"};
    Result<guest::Granted_page> page = table.grant_page(test.own, Frame_access::read_write);
    if (!result.works(page, "the grant")) {
      return;
    }
    Result<guest::Mapped_page> mapped =
        test.grants.maps().map_page(test.own, page->ref(), Frame_access::read_write);
    if (!result.works(mapped, "the mapping")) {
      return;
    }
    fill(page->bytes(), 1);
    result.expect(is_filled(mapped->bytes(), 1), "what the granter writes is seen");
    fill(mapped->writable(), 2);
    result.expect(is_filled(page->bytes(), 2), "what the mapper writes is seen");
    result.expect(page->end() == Grant_end::in_use, "the grant cannot end while it is mapped");
    result.equal(table.retry_deferred(), 0, "pages back while it is mapped");
    result.expect(is_filled(mapped->bytes(), 2), "the page is still what it was");
    result.works(mapped->unmap(), "the end of the mapping");
    result.equal(table.retry_deferred(), 1, "pages back then");
  }
  {
    Case result{test.ktap, "a read-only grant is mapped for reading only"};
    const Result<guest::Granted_page> page = table.grant_page(test.own, Frame_access::read_only);
    if (!result.works(page, "the grant")) {
      return;
    }
    fill(page->bytes(), 3);
    refused(result, test.grants.maps().map_page(test.own, page->ref(), Frame_access::read_write),
            Grant_status::general_error, "the status of a mapping for writing");
    Result<guest::Mapped_page> mapped = test.grants.maps().map_page(test.own, page->ref(), Frame_access::read_only);
    if (result.works(mapped, "the mapping for reading")) {
      result.expect(is_filled(mapped->bytes(), 3), "what the granter has written is seen");
      result.expect(mapped->writable().empty(), "there is nothing to write to");
      result.works(mapped->unmap(), "the end of the mapping");
    }
  }
}

void rows(Test& test) {
  constexpr std::uint32_t count = 40;
  Case result{test.ktap, "a row of pages is mapped in its order, or not at all"};
  Result<guest::Granted_range> row = test.grants.table().grant_range(test.own, Frame_access::read_write, count);
  if (!result.works(row, "the grants")) {
    return;
  }
  fill(row->bytes(), 4);
  std::array<Grant_ref, count> refs{[&]<std::size_t... Index>(std::index_sequence<Index...>) {
    return std::array<Grant_ref, count>{row->ref(Index)...};
  }(std::make_index_sequence<count>{})};
  Result<guest::Mapped_range> mapped = test.grants.maps().map_range(test.own, refs, Frame_access::read_write);
  if (result.works(mapped, "the mappings")) {
    result.expect(is_filled(mapped->bytes(), 4), "the row is the same where it is mapped");
    const guest::Grants_ended ended = row->end();
    result.equal(ended.deferred, count, "pages that cannot end");
    result.works(mapped->unmap(), "the end of the mappings");
    result.equal(test.grants.table().retry_deferred(), count, "pages back then");
  }
  row = test.grants.table().grant_range(test.own, Frame_access::read_write, count);
  if (!result.works(row, "the grants anew")) {
    return;
  }
  for (std::uint32_t page = 0; page < count; ++page) {
    refs[page] = row->ref(page);
  }
  refs[count - 3] = no_ref;
  refused(result, test.grants.maps().map_range(test.own, refs, Frame_access::read_write), Grant_status::bad_gntref,
          "the status of a row with one bad reference");
  result.equal(row->end().deferred, 0, "pages that such a row has left mapped");
}

void copies(Test& test) {
  Case result{test.ktap, "Xen copies from a grant and to one"};
  const Result<guest::Granted_page> peer = test.grants.table().grant_page(test.own, Frame_access::read_write);
  const Result<guest::Granted_page> read_only = test.grants.table().grant_page(test.own, Frame_access::read_only);
  const auto* const page = static_cast<std::byte*>(test.guest.page());
  if (!result.works(peer, "a grant") || !result.works(read_only, "a grant for reading") ||
      !result.expect(page != nullptr, "there is a page")) {
    return;
  }
  const std::span ours{const_cast<std::byte*>(page), abi::page_size};
  fill(peer->bytes(), 5);
  fill(ours.subspan(2048), 6);
  std::array batch{guest::Grant_copy::from_peer({test.own, peer->ref(), 0}, ours.first(1000)),
                   guest::Grant_copy::to_peer({test.own, peer->ref(), 3000}, ours.subspan(2048, 512)),
                   guest::Grant_copy::to_peer({test.own, read_only->ref()}, ours.subspan(2048, 8)),
                   guest::Grant_copy::from_peer({test.own, no_ref}, ours.first(8)),
                   guest::Grant_copy::from_peer({no_domain, peer->ref()}, ours.first(8))};
  refused(result, test.grants.copy(batch), Grant_status::general_error, "the status of the first that fails");
  result.works(batch[0].outcome(), "a copy from a grant");
  result.works(batch[1].outcome(), "a copy to a grant");
  result.expect(is_filled(ours.first(1000), 5), "what was copied from it is there");
  result.expect(is_filled(std::span<const std::byte>{peer->bytes()}.subspan(3000, 512), 6),
                "what was copied to it is there");
  refused(result, batch[2].outcome(), Grant_status::general_error, "the status of a copy to a read-only grant");
  refused(result, batch[3].outcome(), Grant_status::bad_gntref, "the status of a reference that is none");
  refused(result, batch[4].outcome(), Grant_status::bad_domain, "the status of a domain that is none");
}

void refusals(Test& test) {
  Case result{test.ktap, "what Xen refuses has a status in words"};
  const Result<guest::Granted_page> page = test.grants.table().grant_page(no_domain, Frame_access::read_write);
  if (!result.works(page, "a grant to a domain that is none")) {
    return;
  }
  const struct {
    Domain_id granter;
    Grant_ref ref;
    Grant_status status;
    const char* what;
  } cases[] = {
      {test.own, page->ref(), Grant_status::general_error, "the status of a grant to somebody else"},
      {test.own, no_ref, Grant_status::bad_gntref, "the status of a reference that is none"},
      {no_domain, page->ref(), Grant_status::bad_domain, "the status of a domain that is none"},
  };
  for (const auto& one : cases) {
    const auto mapped = test.grants.maps().map_page(one.granter, one.ref, Frame_access::read_write);
    refused(result, mapped, one.status, one.what);
    if (!mapped) {
      runtime::log(mapped.error());
    }
  }
}

void many(Test& test) {
  // More than one frame of the table has.
  constexpr std::uint32_t count = 1200;
  Case result{test.ktap, "the table grows as far as it is needed"};
  const std::unique_ptr<guest::Granted_page[]> pages{new (std::nothrow) guest::Granted_page[count]};
  if (!result.expect(pages != nullptr, "there is memory for that many grants")) {
    return;
  }
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t index = 0; index < count; ++index) {
      Result<guest::Granted_page> page = test.grants.table().grant_page(test.own, Frame_access::read_only);
      if (!result.works(page, "one of many grants")) {
        return;
      }
      fill(page->bytes().first(64), index);
      pages[index] = std::move(*page);
    }
    const Result<guest::Mapped_page> last =
        test.grants.maps().map_page(test.own, pages[count - 1].ref(), Frame_access::read_only);
    if (result.works(last, "a mapping of the last")) {
      result.expect(is_filled(last->bytes().first(64), count - 1), "it is that page");
    }
  }
}

void store_to_read_only(Test& test) {
  Case result{test.ktap, "a store through a read-only mapping faults at stage 1"};
  const Result<guest::Granted_page> page = test.grants.table().grant_page(test.own, Frame_access::read_only);
  if (!result.works(page, "the grant")) {
    return;
  }
  const Result<guest::Mapped_page> mapped =
      test.grants.maps().map_page(test.own, page->ref(), Frame_access::read_only);
  if (!result.works(mapped, "the mapping")) {
    return;
  }
  const_cast<volatile std::byte&>(mapped->bytes()[128]) = std::byte{1};
  result.expect(false, "the store ends the program");
}

}  // namespace grants
