// SPDX-License-Identifier: MIT
// Two domains: one grants, the other maps; they meet at the first reference there is.
#include <array>

#include <abi/grant_status.hpp>
#include <runtime/log.hpp>

#include "../support/case.hpp"
#include "../support/counter.hpp"
#include "grants.hpp"

namespace grants {
namespace {

using abi::Grant_status;
using guest::Grant_end;
using test::Case;

constexpr Grant_ref meeting_ref{first_ref};
static_assert(first_ref == abi::grant_reserved_entries);

}  // namespace

// Whether it came within patience. Acquire and release: with the stage comes what the other wrote before it.
runtime::Task<bool> await_stage(std::byte* page, Stage wanted) {
  const runtime::Instant begun = runtime::Clock::now();
  while (stage_of(page).load(std::memory_order_acquire) != wanted) {
    if (runtime::Clock::now() - begun > 3 * test::patience) {
      co_return false;
    }
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{1});
  }
  co_return true;
}

runtime::Task<> granter(Test& test, Domain_id peer) {
  guest::Grant_table& table = test.grants.table();
  Case result{test.ktap, "pages are the peer's too, until it lets go of them"};
  Result<guest::Granted_page> page = table.grant_page(peer, Frame_access::read_write);
  const Result<guest::Granted_page> read_only = table.grant_page(peer, Frame_access::read_only);
  const Result<guest::Granted_range> row = table.grant_range(peer, Frame_access::read_write, row_pages);
  if (!result.works(page, "a grant") || !result.works(read_only, "a grant for reading") ||
      !result.works(row, "a row of grants") ||
      !result.equal(page->ref().value(), meeting_ref.value(), "the first reference")) {
    co_return;
  }
  std::byte* const memory = page->bytes().data();
  fill(page->bytes().subspan(pattern_at, 64), 1);
  fill(read_only->bytes(), 2);
  fill(row->bytes(), 3);
  auto* const told = reinterpret_cast<std::uint32_t*>(memory + told_at);
  told[0] = read_only->ref().value();
  for (std::uint32_t index = 0; index < row_pages; ++index) {
    told[1 + index] = row->ref(index).value();
  }
  stage_of(memory).store(granted, std::memory_order_release);
  if (!result.expect(co_await await_stage(memory, mapped), "the peer has mapped all of them")) {
    co_return;
  }
  result.expect(is_filled(page->bytes().subspan(pattern_at, 64), 4), "what the peer has written is seen");
  result.expect(is_filled(row->bytes().last(abi::page_size), 5), "and in the last page of a row");
  result.expect(is_filled(read_only->bytes(), 2), "what it may not write to is as it was");
  result.expect(page->end() == Grant_end::in_use, "a grant does not end under the peer's mapping");
  const Result<guest::Granted_page> other = table.grant_page(peer, Frame_access::read_write);
  result.expect(other && other->bytes().data() != memory && other->ref() != meeting_ref,
                "its page and its reference are not handed out again");
  // Kept aside, the page is still there.
  stage_of(memory).store(ended, std::memory_order_release);
  const runtime::Instant begun = runtime::Clock::now();
  while (table.retry_deferred() == 0 && runtime::Clock::now() - begun < 3 * test::patience) {
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{1});
  }
  result.equal(table.deferred(), 0, "pages kept aside when the peer has let go");
}

runtime::Task<> mapper(Test& test, Domain_id peer) {
  guest::Grant_maps& maps = test.grants.maps();
  Case result{test.ktap, "what a peer grants is there, as far as it is granted"};
  // Until the peer is so far.
  Result<guest::Mapped_page> page = maps.map_page(peer, meeting_ref, Frame_access::read_write);
  const runtime::Instant begun = runtime::Clock::now();
  while (!page && runtime::Clock::now() - begun < 3 * test::patience) {
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{1});
    page = maps.map_page(peer, meeting_ref, Frame_access::read_write);
  }
  if (!result.works(page, "the first mapping")) {
    co_return;
  }
  std::byte* const memory = page->writable().data();
  if (!result.expect(co_await await_stage(memory, granted), "the peer has written what it grants")) {
    co_return;
  }
  result.expect(is_filled(page->bytes().subspan(pattern_at, 64), 1), "what the peer has written is seen");
  const auto* const told = reinterpret_cast<const std::uint32_t*>(memory + told_at);
  const Grant_ref read_only_ref{told[0]};
  const std::array row_refs{[&]<std::size_t... Index>(std::index_sequence<Index...>) {
    return std::array<Grant_ref, row_pages>{Grant_ref{told[1 + Index]}...};
  }(std::make_index_sequence<row_pages>{})};

  const auto for_writing = maps.map_page(peer, read_only_ref, Frame_access::read_write);
  result.equal(for_writing ? 0 : static_cast<unsigned long long>(-for_writing.error().number()), 1,
               "the status, negated, of a mapping for writing of a grant for reading");
  const Result<guest::Mapped_page> read_only = maps.map_page(peer, read_only_ref, Frame_access::read_only);
  if (result.works(read_only, "a mapping for reading")) {
    result.expect(is_filled(read_only->bytes(), 2), "what the peer has written there is seen");
  }
  auto* const copy = static_cast<std::byte*>(test.guest.page());
  if (result.expect(copy != nullptr, "there is a page")) {
    std::array batch{guest::Grant_copy::from_peer({peer, read_only_ref}, std::span{copy, 256})};
    result.works(test.grants.copy(batch), "a copy from the peer");
    result.expect(is_filled(std::span<const std::byte>{copy, 256}, 2), "what was copied is what is there");
  }
  {
    const Result<guest::Mapped_range> row = maps.map_range(peer, row_refs, Frame_access::read_write);
    if (result.works(row, "a row of mappings")) {
      result.expect(is_filled(row->bytes(), 3), "the row is in the peer's order");
      fill(row->writable().last(abi::page_size), 5);
    }
  }
  fill(page->writable().subspan(pattern_at, 64), 4);
  stage_of(memory).store(mapped, std::memory_order_release);
  result.expect(co_await await_stage(memory, ended), "the peer has ended the grant");
  result.works(page->unmap(), "the end of the mapping");
}

void kept_apart(Test& test, Domain_id peer) {
  Case result{test.ktap, "Xen's SILO keeps two domains apart, and that is what the error says"};
  const auto page = test.grants.maps().map_page(peer, meeting_ref, Frame_access::read_write);
  result.equal(page ? 0 : static_cast<unsigned long long>(-page.error().number()), 8, "the status, negated");
  if (!page) {
    runtime::log(page.error());
  }
}

}  // namespace grants
