// SPDX-License-Identifier: MIT
// Grants, mapped and copied by the domain itself or by another one, by the boot arguments side= and peer=.
//
// Promised: what is granted can be mapped and copied by whom it is granted to, as far as it is; both see what
// either writes; a page that is mapped is used for nothing else until it no longer is; what Xen refuses has a
// status, in words. Done: a domain grants pages to itself, on all vCPUs at once too; of two, one grants and the
// other maps, and keeps its mapping over the end of the grant; the other may be Linux, and then grants pages, too.
// Would go wrong: a page handed out again while the peer can write to it, a store through a read-only mapping,
// which never ends, a mapping that a failed row leaves behind.
#include <abi/domain_id.hpp>
#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/number_argument.hpp>
#include <runtime/program.hpp>

#include "grants.hpp"

using namespace enlighten;
using runtime::Guest;

namespace {

// Of a port that this domain may bind, Xen tells whose it is.
Result<Domain_id> own_id(Guest& guest) {
  const guest::Ready_vcpu ready = ENLIGHTEN_TRY(guest.ready(Cpu{0}));
  const guest::Bound_port port = ENLIGHTEN_TRY(guest.events().alloc_unbound(abi::domain_self, ready, nullptr));
  return ENLIGHTEN_TRY(port.status()).u.unbound;
}

Result<grants::Test> prepare(Guest& guest, report::Ktap& ktap) {
  ENLIGHTEN_TRY(guest.start_all());
  const Domain_id own = ENLIGHTEN_TRY(own_id(guest));
  return grants::Test{guest, *ENLIGHTEN_TRY(runtime::Grants::of(guest)), ktap, own};
}

Domain_id peer_of(const Guest& guest) {
  return Domain_id{runtime::number_argument<std::uint16_t>(guest, "peer", 0)};
}

runtime::Task<> alone(grants::Test& test) {
  grants::pages(test);
  grants::rows(test);
  grants::copies(test);
  grants::refusals(test);
  grants::many(test);
  co_await grants::busy(test);
}

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  report::Ktap ktap{runtime::console()};
  Result<grants::Test> test = prepare(guest, ktap);
  if (!test) {
    runtime::log(test.error());
    co_return report::exit_code(report::Verdict::error);
  }
  const std::string_view side = guest.argument("side").value_or("alone");
  if (side == "granter") {
    co_await grants::granter(*test, peer_of(guest));
  } else if (side == "mapper") {
    co_await grants::mapper(*test, peer_of(guest));
  } else if (side == "kept_apart") {
    grants::kept_apart(*test, peer_of(guest));
  } else if (side == "linux") {
    // In this order: the first reference is for the meeting.
    co_await grants::granter(*test, peer_of(guest));
    co_await grants::from_linux(*test);
    co_await alone(*test);
  } else if (side == "read_only") {
    grants::store_to_read_only(*test);
  } else {
    co_await alone(*test);
  }
  co_return report::exit_code(ktap.finish());
}
