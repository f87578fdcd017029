// SPDX-License-Identifier: MIT
// A page with the number of the latest session, behind what its client has to know.
#include "meeting.hpp"

#include <atomic>

#include <abi/grant_table.hpp>

namespace vchan {
namespace {

constexpr Grant_ref meeting_ref{abi::grant_reserved_entries};
constexpr auto patience = std::chrono::seconds{60};

struct Notice {
  std::uint32_t number;
  std::uint32_t ring;
  std::uint32_t port;
};

}  // namespace

Result<Meeting> Meeting::hold(runtime::Grants& grants, Domain_id client) {
  guest::Granted_page page = ENLIGHTEN_TRY(grants.table().grant_page(client, guest::Frame_access::read_write));
  if (page.ref() != meeting_ref) {
    return Error::make(Error_kind::exhausted, "the first reference is %u already",
                       static_cast<unsigned>(page.ref().value()));
  }
  return Meeting{std::move(page)};
}

void Meeting::announce(std::uint32_t number, runtime::Vchan_handover handover) noexcept {
  auto& notice = *reinterpret_cast<Notice*>(page_.bytes().data());
  notice.ring = handover.ring.value();
  notice.port = handover.port.value();
  // Release: with the number comes what stands behind it, to attend()'s acquire.
  std::atomic_ref{notice.number}.store(number, std::memory_order_release);
}

runtime::Task<Result<runtime::Vchan_handover>> Meeting::attend(runtime::Grants& grants, Domain_id server,
                                                               std::uint32_t number) {
  const runtime::Instant begun = runtime::Clock::now();
  for (;;) {
    // Mapped for writing, for std::atomic_ref has no const one.
    Result<guest::Mapped_page> page = grants.maps().map_page(server, meeting_ref, guest::Frame_access::read_write);
    if (page) {
      auto& notice = *reinterpret_cast<Notice*>(page->writable().data());
      if (std::atomic_ref{notice.number}.load(std::memory_order_acquire) == number) {
        co_return runtime::Vchan_handover{Grant_ref{notice.ring}, Port{notice.port}};
      }
    }
    if (runtime::Clock::now() - begun > patience) {
      co_return page ? Error::make(Error_kind::timed_out, "the server does not come to the meeting") : page.error();
    }
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{1});
  }
}

}  // namespace vchan
