// SPDX-License-Identifier: MIT
// Pages that Linux, as domain 0, has allocated and granted to this domain.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include <runtime/xenstore.hpp>

#include "../support/case.hpp"
#include "../support/counter.hpp"
#include "grants.hpp"

namespace grants {
namespace {

using test::Case;

using Refs = std::array<Grant_ref, linux_pages + 1>;

// Whether `text` has as many numbers as that, and nothing else.
bool read_refs(std::string_view text, Refs& refs) {
  for (Grant_ref& ref : refs) {
    std::uint32_t number = 0;
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    ref = Grant_ref{number};
  }
  return text.empty();
}

runtime::Task<Result<std::string>> told_by_linux(runtime::Store& store) {
  const runtime::Instant begun = runtime::Clock::now();
  Result<std::string> text = co_await store.read(linux_node);
  while (!text && runtime::Clock::now() - begun < 3 * test::patience) {
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{5});
    text = co_await store.read(linux_node);
  }
  co_return text;
}

}  // namespace

runtime::Task<> from_linux(Test& test) {
  Case result{test.ktap, "pages of Linux's are mapped here, and what either side writes the other sees"};
  guest::Grant_maps& maps = test.grants.maps();
  constexpr Domain_id peer{0};
  const Result<runtime::Store*> store = runtime::Store::open(test.guest);
  if (!result.works(store, "xenstore")) {
    co_return;
  }
  const Result<std::string> text = co_await told_by_linux(**store);
  Refs refs{no_ref, no_ref, no_ref, no_ref};
  if (!result.works(text, "the references") || !result.expect(read_refs(*text, refs), "they are four numbers")) {
    co_return;
  }
  Result<guest::Mapped_range> row =
      maps.map_range(peer, std::span{refs}.first<linux_pages>(), Frame_access::read_write);
  if (!result.works(row, "the mappings for writing")) {
    co_return;
  }
  std::byte* const memory = row->writable().data();
  result.expect(co_await await_stage(memory, granted), "Linux has written what it grants");
  result.expect(is_filled(row->bytes().subspan(4096), 6), "the second and the third page are as Linux filled them");

  const auto for_writing = maps.map_page(peer, refs.back(), Frame_access::read_write);
  result.equal(for_writing ? 0 : static_cast<unsigned long long>(-for_writing.error().number()), 1,
               "the status, negated, of a mapping for writing of a grant for reading");
  {
    const Result<guest::Mapped_page> read_only = maps.map_page(peer, refs.back(), Frame_access::read_only);
    if (result.works(read_only, "a mapping for reading")) {
      result.expect(is_filled(read_only->bytes(), 7), "it is as Linux filled it");
    }
  }
  fill(row->writable().subspan(4096), 8);
  // Release: what was written on all three pages, to Linux's acquire of the stage.
  stage_of(memory).store(mapped, std::memory_order_release);
  result.expect(co_await await_stage(memory, ended), "Linux has seen that, and written once more");
  result.expect(is_filled(row->bytes().last(4096), 9), "that is seen here");
  result.works(row->unmap(), "the end of the mappings");
}

}  // namespace grants
