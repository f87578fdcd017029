// SPDX-License-Identifier: MIT
// How a vchan's end behaves to others of its vCPU, and to an end that is lost without a word.
//
// Promised: calls that never have to wait let others of the vCPU go on now and then; a peer whose port is gone is
// lost, within some seconds and for good. Done: a thousand bytes are sent one by one, into a ring that has room for
// all of them, beside a coroutine that counts its turns; an end of a client's is made of its parts, and its port
// closed without a word, and another one bound in its place. Would go wrong: one vchan has the vCPU for itself; a
// stranger at the port is taken for the peer.
#include "manners.hpp"

#include <array>
#include <optional>

#include <drivers/vchan_pages.hpp>
#include <runtime/grants.hpp>
#include <runtime/vchan.hpp>

#include "../support/case.hpp"

namespace vchan {

using namespace enlighten;
using runtime::Guest;
using runtime::Vchan;

namespace {

// Lives as long as the coroutine that counts in it.
struct Turns {
  unsigned count = 0;
  bool is_over = false;
  bool has_ended = false;
};

runtime::Task<> count_turns(Turns& turns) {
  while (!turns.is_over) {
    ++turns.count;
    co_await runtime::this_vcpu().executor().yield();
  }
  turns.has_ended = true;
}

Result<std::unique_ptr<Vchan>> offer(Guest& guest, Domain_id own) {
  constexpr std::size_t room = 4096;
  return Vchan::offer(guest, own, ENLIGHTEN_TRY(drivers::Vchan_orders::for_bytes(room, room)));
}

runtime::Task<> let_others_go_on(report::Ktap& ktap, Guest& guest, Domain_id own) {
  test::Case result{ktap, "who never waits lets others go on"};
  const Vchan::Made server = offer(guest, own);
  if (!result.works(server, "a server")) {
    co_return;
  }
  const Vchan::Made client = Vchan::take_up(guest, own, (*server)->handover());
  if (!result.works(client, "a client") || !result.works(co_await (*server)->client_comes(), "the client comes")) {
    co_return;
  }
  constexpr unsigned calls = 1000;
  // Once in so many calls, at least.
  constexpr unsigned most_without_others = 64;
  Turns turns;
  runtime::this_vcpu().executor().spawn(count_turns(turns));
  const std::array one{std::byte{1}};
  for (unsigned call = 0; call < calls; ++call) {
    const Result<> written = co_await (*server)->write(one);
    if (!written) {
      result.works(written, "a byte");
      break;
    }
  }
  result.expect(turns.count >= calls / most_without_others, "another coroutine has had its turns");
  turns.is_over = true;
  while (!turns.has_ended) {
    co_await runtime::this_vcpu().executor().yield();
  }
}

// A client's end without anybody who would say that it goes.
struct Mute_client {
  drivers::Vchan_mapped pages;
  guest::Bound_port port;
};

Result<Mute_client> connect_mute(Guest& guest, Domain_id own, const runtime::Vchan_handover& handover) {
  runtime::Grants& grants = *ENLIGHTEN_TRY(runtime::Grants::of(guest));
  const guest::Ready_vcpu ready = ENLIGHTEN_TRY(guest.ready(Cpu{0}));
  Mute_client client{ENLIGHTEN_TRY(drivers::Vchan_mapped::make(grants.maps(), own, handover.ring)),
                     ENLIGHTEN_TRY(guest.events().bind_interdomain(own, handover.port, ready, nullptr))};
  client.pages.end().announce();
  ENLIGHTEN_TRY(client.port.send());
  return client;
}

runtime::Task<> notice_loss(report::Ktap& ktap, Guest& guest, Domain_id own) {
  test::Case result{ktap, "a peer that was lost stays lost"};
  const Vchan::Made server = offer(guest, own);
  if (!result.works(server, "a server")) {
    co_return;
  }
  Result<Mute_client> client = connect_mute(guest, own, (*server)->handover());
  if (!result.works(client, "a client") || !result.works(co_await (*server)->client_comes(), "the client comes")) {
    co_return;
  }
  std::array<std::byte, 1> into{};
  const Result<std::size_t> early = co_await (*server)->read(into, std::chrono::seconds{3});
  result.expect(!early && early.error().kind() == Error_kind::timed_out, "a peer that is silent is no lost one");
  result.works(client->port.close(), "the client's port is closed");
  const Result<std::size_t> lost = co_await (*server)->read(into, std::chrono::seconds{30});
  result.expect(!lost && lost.error().kind() == Error_kind::closed, "its loss is noticed");
  const Result<guest::Ready_vcpu> ready = guest.ready(Cpu{0});
  if (!result.works(ready, "the vCPU")) {
    co_return;
  }
  const Result<guest::Bound_port> stranger =
      guest.events().bind_interdomain(own, (*server)->handover().port, *ready, nullptr);
  result.works(stranger, "a stranger binds the port");
  // The port is looked at again.
  co_await runtime::this_vcpu().executor().sleep_for(std::chrono::seconds{2});
  const Result<std::size_t> still = co_await (*server)->read(into, std::chrono::seconds{3});
  result.expect(!still && still.error().kind() == Error_kind::closed, "a stranger is not the peer");
}

}  // namespace

runtime::Task<> show_manners(report::Ktap& ktap, Guest& guest, Domain_id own) {
  co_await let_others_go_on(ktap, guest, own);
  co_await notice_loss(ktap, guest, own);
}

}  // namespace vchan
