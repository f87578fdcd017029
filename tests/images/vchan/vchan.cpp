// SPDX-License-Identifier: MIT
// vchan, by the boot arguments side=, peer= and by=: two domains, a domain and itself, or a domain and libxenvchan
// in domain 0.
//
// By side=manners what manners.cpp promises. Otherwise:
//
// Promised: what one end writes the other reads, whole and in order, whatever the size of the rings; packets come
// in one piece; each end waits as long as it must and no longer; that the other end has gone is an error that says
// so. Done: in each of several sessions the ends find each other, by xenstore or by a page; both send a stream and
// then packets, at the same time, which are compared with what they should be; then one end goes. Would go wrong:
// an event that is not sent, and both wait for ever; a ring that is taken for smaller or larger than it is; bytes
// that are read before they are there.
#include <atomic>
#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include <abi/domain_id.hpp>
#include <report/ktap.hpp>
#include <runtime/console.hpp>
#include <runtime/grants.hpp>
#include <runtime/log.hpp>
#include <runtime/number_argument.hpp>
#include <runtime/program.hpp>
#include <runtime/xenstore.hpp>

#include "../support/case.hpp"
#include "exchange.hpp"
#include "manners.hpp"
#include "meeting.hpp"

using namespace enlighten;
using runtime::Guest;
using runtime::Vchan;
using vchan::Outcome;
using vchan::Plan;
using vchan::Role;

namespace {

constexpr auto patience = std::chrono::seconds{60};
constexpr std::uint32_t destroyed_session = 4;

struct Session {
  const char* name;
  std::uint32_t number;
  std::size_t left;
  std::size_t right;
  Plan plan;
};

// One end of all sessions: who is at the other, and how they find each other.
struct Side {
  Guest& guest;
  Domain_id peer;
  bool by_xenstore;
  std::string_view servers_path;  // below which each session has its nodes
  vchan::Meeting* meeting = nullptr;
  // For which a client lets its server wait.
  std::chrono::seconds late{0};
  // A client takes all of the path away before its server knows of it.
  bool takes_away = false;
};

// Both nodes come at once.
runtime::Task<Vchan::Made> take_path_away_and_connect(Side& side, guest::Xenstore_path path) {
  const Result<runtime::Store*> opened = runtime::Store::open(side.guest);
  if (!opened) {
    co_return opened.error();
  }
  runtime::Store& store = **opened;
  const runtime::Instant begun = runtime::Clock::now();
  Result<std::uint64_t> ring = co_await store.read_number(path / "ring-ref");
  while (!ring && runtime::Clock::now() - begun < patience) {
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{1});
    ring = co_await store.read_number(path / "ring-ref");
  }
  const Result<std::uint64_t> port = co_await store.read_number(path / "event-channel");
  const Result<> gone = co_await store.rm(path);
  if (!ring || !port || !gone) {
    co_return !ring ? ring.error() : !port ? port.error() : gone.error();
  }
  co_return Vchan::take_up(side.guest, side.peer,
                           {Grant_ref{static_cast<std::uint32_t>(*ring)}, Port{static_cast<std::uint32_t>(*port)}});
}

runtime::Task<Vchan::Made> begin(Side& side, const Session& session) {
  const Result<drivers::Vchan_orders> orders = drivers::Vchan_orders::for_bytes(session.left, session.right);
  if (!orders) {
    co_return orders.error();
  }
  const guest::Xenstore_path path = guest::Xenstore_path{side.servers_path} / session.number;
  if (session.plan.role == Role::client) {
    co_await runtime::this_vcpu().executor().sleep_for(side.late);
  }
  if (side.by_xenstore) {
    if (session.plan.role == Role::server) {
      co_return co_await Vchan::serve(side.guest, side.peer, path, *orders, patience);
    }
    if (side.takes_away) {
      co_return co_await take_path_away_and_connect(side, path);
    }
    co_return co_await Vchan::connect(side.guest, side.peer, path, patience);
  }
  if (session.plan.role == Role::server) {
    Vchan::Made made = Vchan::offer(side.guest, side.peer, *orders);
    if (made) {
      side.meeting->announce(session.number, (*made)->handover());
      if (const Result<> came = co_await (*made)->client_comes(patience); !came) {
        co_return came.error();
      }
    }
    co_return made;
  }
  const Result<runtime::Grants*> grants = runtime::Grants::of(side.guest);
  if (!grants) {
    co_return grants.error();
  }
  const auto handover = co_await vchan::Meeting::attend(**grants, side.peer, session.number);
  if (!handover) {
    co_return handover.error();
  }
  co_return Vchan::take_up(side.guest, side.peer, *handover);
}

runtime::Task<Result<Outcome>> play(Side& side, const Session& session) {
  Vchan::Made made = co_await begin(side, session);
  if (!made) {
    // Not the error itself, of which an outcome could be made, too.
    co_return std::unexpected{made.error()};
  }
  if (session.number == destroyed_session && session.plan.role == Role::server) {
    // For who is to do it.
    const Result<runtime::Store*> store = runtime::Store::open(side.guest);
    const Result<> told = store ? co_await (*store)->write(runtime::own_domain / "data" / "destroy", "the client")
                                : Result<>{store.error()};
    if (!told) {
      co_return std::unexpected{told.error()};
    }
  }
  co_return co_await vchan::exchange(**made, session.plan);
}

void judge(report::Ktap& ktap, const Session& session, const char* who, const Result<Outcome>& outcome) {
  enlighten::Message name;
  name.append("%s, %s", session.name, who);
  test::Case result{ktap, name.view()};
  if (!result.works(outcome, "the ends find each other")) {
    return;
  }
  result.works(outcome->sent, "what is sent");
  result.works(outcome->received, "what is received");
  result.equal(outcome->hash, outcome->expected_hash, "the hash of the stream");
  result.equal(outcome->wrong_packets, 0, "packets that are not what they should be");
  if (session.plan.waits_for_end) {
    result.expect(outcome->end && outcome->end->kind() == Error_kind::closed, "the other end's end is noticed");
    if (outcome->end) {
      ktap.diagnose_format("after %llu bytes more: %s", static_cast<unsigned long long>(outcome->bytes_before_end),
                           outcome->end->text());
    }
  }
}

// Rings in the page, one of them in it, and both at their largest; and if it is asked for one in which somebody
// destroys the client's domain.
std::vector<Session> sessions_of(Role role, std::uint64_t bytes, bool is_destroyed) {
  const Plan plan{.role = role, .bytes = bytes, .packets = 100, .waits_for_end = role == Role::server};
  std::vector<Session> sessions{{"1 and 2 KiB in the page", 1, 1024, 2048, plan},
                                {"2 KiB in the page and 64 KiB", 2, 2048, 65536, plan},
                                {"1 MiB each", 3, 1U << 20U, 1U << 20U, plan}};
  if (is_destroyed) {
    sessions.push_back(
        {"a domain destroyed", destroyed_session, 4096, 4096, {.role = role, .waits_for_end = true}});
  }
  return sessions;
}

// Libxenvchan's end is the other one; its process is killed in the last two.
std::vector<Session> sessions_with_dom0(std::uint64_t bytes) {
  const Plan server{.role = Role::server, .bytes = bytes, .packets = 100, .waits_for_end = true};
  const Plan client{.role = Role::client, .bytes = bytes, .packets = 100, .waits_for_end = true};
  const Plan bereaved_server{.role = Role::server, .waits_for_end = true};
  const Plan bereaved_client{.role = Role::client, .waits_for_end = true};
  return {{"server, 1 and 2 KiB", 1, 1024, 2048, server},
          {"server, 256 KiB each", 2, 1U << 18U, 1U << 18U, server},
          {"client, 1 and 2 KiB", 3, 1024, 2048, client},
          {"client, 256 KiB each", 4, 1U << 18U, 1U << 18U, client},
          {"server of one killed", 5, 4096, 4096, bereaved_server},
          {"client of one killed", 6, 4096, 4096, bereaved_client}};
}

struct Played {
  std::vector<Result<Outcome>> outcomes;
  std::atomic<bool> is_done{false};
};

runtime::Task<> play_all(Cpu cpu, Side& side, const std::vector<Session>& sessions, Played& played) {
  co_await side.guest.vcpu(cpu).here();
  for (const Session& session : sessions) {
    played.outcomes.push_back(co_await play(side, session));
  }
  // Release: with it come the outcomes, to the acquire of who waits.
  played.is_done.store(true, std::memory_order_release);
}

// Of a port that this domain may bind, Xen tells whose it is.
Result<Domain_id> own_id(Guest& guest) {
  const guest::Ready_vcpu ready = ENLIGHTEN_TRY(guest.ready(Cpu{0}));
  const guest::Bound_port port = ENLIGHTEN_TRY(guest.events().alloc_unbound(abi::domain_self, ready, nullptr));
  return ENLIGHTEN_TRY(port.status()).u.unbound;
}

struct Started {
  Domain_id own;
  runtime::Grants& grants;
};

Result<Started> start(Guest& guest) {
  ENLIGHTEN_TRY(guest.start_all());
  return Started{ENLIGHTEN_TRY(own_id(guest)), *ENLIGHTEN_TRY(runtime::Grants::of(guest))};
}

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  report::Ktap ktap{runtime::console()};
  const Result<Started> started = start(guest);
  if (!started) {
    runtime::log(started.error());
    co_return report::exit_code(report::Verdict::error);
  }
  const std::string_view which = guest.argument("side").value_or("both");
  if (which == "manners") {
    co_await vchan::show_manners(ktap, guest, started->own);
    co_return report::exit_code(ktap.finish());
  }
  const bool is_both = which == "both";
  const Domain_id peer{is_both ? started->own.value() : runtime::number_argument<std::uint16_t>(guest, "peer", 0)};
  const bool by_xenstore = guest.argument("by").value_or("xenstore") == "xenstore";
  const auto bytes = runtime::number_argument<std::uint64_t>(guest, "bytes", 65536);

  const bool is_destroyed = guest.argument("end") == "destroyed";
  enlighten::Message servers_path;
  servers_path.append("/local/domain/%u/data/vchan", unsigned{(which == "client" ? peer : started->own).value()});
  std::optional<vchan::Meeting> meeting;
  if (!by_xenstore && which != "client") {
    Result<vchan::Meeting> held = vchan::Meeting::hold(started->grants, peer);
    if (!held) {
      runtime::log(held.error());
      co_return report::exit_code(report::Verdict::error);
    }
    meeting.emplace(std::move(*held));
  }
  Side side{guest,
            peer,
            by_xenstore,
            servers_path.view(),
            meeting ? &*meeting : nullptr,
            std::chrono::seconds{runtime::number_argument<std::uint32_t>(guest, "late", 0)},
            guest.argument("away").has_value()};
  struct Part {
    const char* who;
    Cpu cpu;
    std::vector<Session> sessions;
    Played played = {};
  };
  std::vector<std::unique_ptr<Part>> parts;
  if (which == "dom0") {
    parts.emplace_back(new Part{"with dom0", Cpu{0}, sessions_with_dom0(bytes)});
  }
  if (is_both || which == "server") {
    parts.emplace_back(new Part{"server", Cpu{0}, sessions_of(Role::server, bytes, is_destroyed)});
  }
  if (is_both || which == "client") {
    parts.emplace_back(
        new Part{"client", Cpu{guest.cpus() > 1 ? 1U : 0U}, sessions_of(Role::client, bytes, is_destroyed)});
  }
  for (const auto& part : parts) {
    runtime::this_vcpu().executor().spawn(play_all(part->cpu, side, part->sessions, part->played));
  }
  for (const auto& part : parts) {
    while (!part->played.is_done.load(std::memory_order_acquire)) {
      co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{1});
    }
    for (std::size_t index = 0; index < part->sessions.size(); ++index) {
      judge(ktap, part->sessions[index], part->who, part->played.outcomes[index]);
    }
  }
  co_return report::exit_code(ktap.finish());
}
