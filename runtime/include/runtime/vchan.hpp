// SPDX-License-Identifier: MIT
// Bytes and packets to and from another domain, as libxenvchan carries them: co_await vchan.read(into).
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <variant>

#include <base/ids.hpp>
#include <base/result.hpp>
#include <drivers/vchan_end.hpp>
#include <drivers/vchan_layout.hpp>
#include <drivers/vchan_pages.hpp>
#include <guest/bound_port.hpp>
#include <guest/xenstore_path.hpp>
#include <runtime/clock.hpp>
#include <runtime/guest.hpp>
#include <runtime/pulse.hpp>
#include <runtime/signal.hpp>
#include <runtime/task.hpp>

namespace enlighten::runtime {

using drivers::Vchan_orders;
using guest::own_domain;
using guest::Xenstore_path;

// What a client has to know of a server.
struct Vchan_handover {
  Grant_ref ring;
  Port port;
};

// One end. Belongs to the vCPU it was made on, whose coroutines use it: one reads and one writes at a time.
//
// The other end is not trusted. What it does wrong is an error of kind `protocol`, and there is nothing to do then
// but to end. That it has gone is one of kind `closed`: at once if it says so, or its process ends; within a second
// of its domain's end, of which Xen tells nobody.
class Vchan final : private guest::Event_handler {
 public:
  using Made = Result<std::unique_ptr<Vchan>>;

  static constexpr Duration for_ever = Duration::max();
  static constexpr Duration patience = std::chrono::seconds{30};

  // A server whom `client` finds by xenstore, at `path`/ring-ref and `path`/event-channel: own_domain / "data" and
  // below is where a domain may have them. Returns once the client is there; then the nodes are gone again.
  [[nodiscard]] static Task<Made> serve(Guest& guest, Domain_id client, Xenstore_path path, Vchan_orders orders,
                                        Duration longest = patience);
  // A client of whom `server` has made that known there, or does so meanwhile.
  [[nodiscard]] static Task<Made> connect(Guest& guest, Domain_id server, Xenstore_path path,
                                          Duration longest = patience);

  // The same without xenstore: a server at once, and how its client is to find it, which is to be told to it in
  // some other way. Then client_comes().
  [[nodiscard]] static Made offer(Guest& guest, Domain_id client, Vchan_orders orders);
  [[nodiscard]] Vchan_handover handover() const noexcept;
  [[nodiscard]] Task<Result<>> client_comes(Duration longest = patience);
  [[nodiscard]] static Made take_up(Guest& guest, Domain_id server, const Vchan_handover& handover);

  Vchan(const Vchan&) = delete;
  Vchan& operator=(const Vchan&) = delete;
  // Tells the other end, which can still read what was sent.
  ~Vchan();

  // What has come, at least one byte and as many as fit; waits for it. All waits here may last somewhat longer than
  // `longest`, and are then an error of kind `timed_out`.
  [[nodiscard]] Task<Result<std::size_t>> read(std::span<std::byte> into, Duration longest = for_ever);
  // All of `from`; waits for room as often as it must. How much of it went is not known after an error.
  [[nodiscard]] Task<Result<>> write(std::span<const std::byte> from, Duration longest = for_ever);

  // All of `into` at once, or all of `from`: never more than the ring holds.
  [[nodiscard]] Task<Result<>> receive(std::span<std::byte> into, Duration longest = for_ever);
  [[nodiscard]] Task<Result<>> send(std::span<const std::byte> from, Duration longest = for_ever);

  [[nodiscard]] std::size_t most_to_send() const noexcept { return end_.most_to_send(); }
  [[nodiscard]] std::size_t most_to_receive() const noexcept { return end_.most_to_receive(); }

 private:
  using Pages = std::variant<drivers::Vchan_granted, drivers::Vchan_mapped>;

  Vchan(Vcpu& vcpu, Domain_id peer, Pages pages, drivers::Vchan_end<> end) noexcept;

  [[nodiscard]] Result<> open(guest::Bound_port port);
  static void beat(void* self) noexcept;
  void on_event(Port port) noexcept override;
  // Sends the event that is due.
  [[nodiscard]] Result<> tell() noexcept;
  // That time has not run out, and that there is somebody at the other end of the port.
  [[nodiscard]] Result<> check_waiting(Instant deadline) noexcept;
  // Tries until it gives something: `attempt` returns a Result of a number, or of a bool.
  template <typename Attempt>
  [[nodiscard]] auto until(Attempt attempt, Signal& signal, Instant deadline) -> Task<decltype(attempt())>;

  Domain_id peer_;
  // Those who wait for bytes, and for room; each is told of every event.
  Signal bytes_;
  Signal room_;
  Pages pages_;
  drivers::Vchan_end<> end_;
  guest::Bound_port port_;  // goes before what its handler needs
  Pulse pulse_;
  bool was_connected_ = false;  // the port has had another end
  bool has_lost_peer_ = false;
  bool beat_ = false;  // a second has gone by since the port was looked at
  // Calls that had nothing to wait for. After so many the others of this vCPU go on: a peer that always has bytes
  // would else have it for itself.
  static constexpr unsigned most_unwaited = 64;
  unsigned unwaited_ = 0;
};

}  // namespace enlighten::runtime
