// SPDX-License-Identifier: MIT
// Waits for a vchan's other end by its event, and looks each second whether there still is one.
#include <runtime/vchan.hpp>

#include <new>
#include <utility>

#include <abi/event_channel.hpp>
#include <runtime/grants.hpp>

namespace enlighten::runtime {
namespace {

[[nodiscard]] Instant deadline_in(Duration longest) noexcept {
  const Instant now = Clock::now();
  return longest >= Instant::max() - now ? Instant::max() : now + longest;
}

}  // namespace

Vchan::Vchan(Vcpu& vcpu, Domain_id peer, Pages pages, drivers::Vchan_end<> end) noexcept
    : peer_{peer}, bytes_{vcpu}, room_{vcpu}, pages_{std::move(pages)}, end_{end} {}

Vchan::~Vchan() {
  if (pulse_.is_started()) {
    end_.close();
    // There is nobody to be told that it did not work.
    static_cast<void>(tell());
  }
}

Vchan::Made Vchan::offer(Guest& guest, Domain_id client, Vchan_orders orders) {
  Grants& grants = *ENLIGHTEN_TRY(Grants::of(guest));
  const guest::Ready_vcpu ready = ENLIGHTEN_TRY(guest.ready(this_vcpu().cpu));
  drivers::Vchan_granted pages = ENLIGHTEN_TRY(drivers::Vchan_granted::make(grants.table(), client, orders));
  const drivers::Vchan_end<> end = pages.end();
  std::unique_ptr<Vchan> vchan{new Vchan{this_vcpu(), client, std::move(pages), end}};
  ENLIGHTEN_TRY(vchan->open(ENLIGHTEN_TRY(guest.events().alloc_unbound(client, ready, vchan.get()))));
  return vchan;
}

Vchan::Made Vchan::take_up(Guest& guest, Domain_id server, const Vchan_handover& handover) {
  Grants& grants = *ENLIGHTEN_TRY(Grants::of(guest));
  const guest::Ready_vcpu ready = ENLIGHTEN_TRY(guest.ready(this_vcpu().cpu));
  drivers::Vchan_mapped pages = ENLIGHTEN_TRY(drivers::Vchan_mapped::make(grants.maps(), server, handover.ring));
  const drivers::Vchan_end<> end = pages.end();
  std::unique_ptr<Vchan> vchan{new Vchan{this_vcpu(), server, std::move(pages), end}};
  vchan->was_connected_ = true;
  ENLIGHTEN_TRY(
      vchan->open(ENLIGHTEN_TRY(guest.events().bind_interdomain(server, handover.port, ready, vchan.get()))));
  return vchan;
}

Result<> Vchan::open(guest::Bound_port port) {
  port_ = std::move(port);
  pulse_.start(beat, this);
  end_.announce();
  return tell();
}

void Vchan::beat(void* self) noexcept {
  auto& vchan = *static_cast<Vchan*>(self);
  vchan.beat_ = true;
  vchan.on_event(vchan.port_.port());
}

void Vchan::on_event(Port port) noexcept {
  bytes_.on_event(port);
  room_.on_event(port);
}

Result<> Vchan::tell() noexcept {
  return end_.take_notice() ? port_.send() : Result<>{};
}

Vchan_handover Vchan::handover() const noexcept {
  // A client has none to give: its server's page is not its own.
  const auto* const granted = std::get_if<drivers::Vchan_granted>(&pages_);
  return {granted == nullptr ? Grant_ref{0} : granted->ref(), port_.port()};
}

Result<> Vchan::check_waiting(Instant deadline) noexcept {
  if (std::exchange(beat_, false) && !has_lost_peer_) {
    const abi::Evtchn_status status = ENLIGHTEN_TRY(port_.status());
    const bool is_connected = status.status == abi::Evtchn_state::interdomain;
    has_lost_peer_ = was_connected_ && !is_connected;
    was_connected_ = is_connected;
  }
  // For the other waiter, too, and from now on.
  if (has_lost_peer_) {
    return Error::make(Error_kind::closed, "vchan: domain %u has gone: nobody is at the other end of port %u",
                       unsigned{peer_.value()}, static_cast<unsigned>(port_.port().value()));
  }
  if (Clock::now() >= deadline) {
    return Error::make(Error_kind::timed_out, "vchan: domain %u has let us wait for too long",
                       unsigned{peer_.value()});
  }
  return {};
}

template <typename Attempt>
auto Vchan::until(Attempt attempt, Signal& signal, Instant deadline) -> Task<decltype(attempt())> {
  for (;;) {
    const auto outcome = attempt();
    const Result<> told = tell();
    if (!told) {
      co_return told.error();
    }
    if (!outcome || *outcome) {
      if (++unwaited_ % most_unwaited == 0) {
        co_await this_vcpu().executor().yield();
      }
      co_return outcome;
    }
    if (const Result<> waiting = check_waiting(deadline); !waiting) {
      co_return waiting.error();
    }
    unwaited_ = 0;
    // An event that has come since the attempt is remembered.
    static_cast<void>(co_await signal);
  }
}

Task<Result<>> Vchan::client_comes(Duration longest) {
  const auto is_there = [this]() -> Result<bool> {
    const abi::Vchan_live live = ENLIGHTEN_TRY(end_.peer());
    return live != abi::Vchan_live::expected;
  };
  const Result<bool> came = co_await until(is_there, bytes_, deadline_in(longest));
  if (!came) {
    co_return came.error();
  }
  was_connected_ = true;
  co_return Result<>{};
}

Task<Result<std::size_t>> Vchan::read(std::span<std::byte> into, Duration longest) {
  if (into.empty()) {
    co_return std::size_t{0};
  }
  co_return co_await until([&] { return end_.read(into); }, bytes_, deadline_in(longest));
}

Task<Result<>> Vchan::write(std::span<const std::byte> from, Duration longest) {
  const Instant deadline = deadline_in(longest);
  while (!from.empty()) {
    const Result<std::size_t> count = co_await until([&] { return end_.write(from); }, room_, deadline);
    if (!count) {
      co_return count.error();
    }
    from = from.subspan(*count);
  }
  co_return Result<>{};
}

Task<Result<>> Vchan::receive(std::span<std::byte> into, Duration longest) {
  const Result<bool> done = co_await until([&] { return end_.receive(into); }, bytes_, deadline_in(longest));
  co_return done ? Result<>{} : Result<>{done.error()};
}

Task<Result<>> Vchan::send(std::span<const std::byte> from, Duration longest) {
  const Result<bool> done = co_await until([&] { return end_.send(from); }, room_, deadline_in(longest));
  co_return done ? Result<>{} : Result<>{done.error()};
}

}  // namespace enlighten::runtime
