// SPDX-License-Identifier: MIT
// The other domain of a case for two: whose turn it is, and which channels lead there.
#pragma once

#include <cstdint>

#include <conformance/ports.hpp>

namespace enlighten::conformance {

// Both domains run the same list of cases, each its side of every case.
enum class Side : std::uint8_t { first, second };

// An event channel that Xen has made at boot, between a port of the first domain and one of the second.
struct Static_channel {
  Port first;
  Port second;
};

// Which there must be. Two ports of one channel have not the same number, so that nobody can take one for the
// other.
namespace static_channel {
inline constexpr Static_channel turns{Port{10}, Port{11}};          // whose turn it is
inline constexpr Static_channel link{Port{12}, Port{13}};           // for cases to use and to leave as it was
inline constexpr Static_channel spare{Port{14}, Port{15}};          // for a case to break
inline constexpr Static_channel first_is_here{Port{16}, Port{17}};  // each closed by the one that has arrived
inline constexpr Static_channel second_is_here{Port{18}, Port{19}};
inline constexpr Static_channel all[] = {turns, link, spare, first_is_here, second_is_here};
}  // namespace static_channel

// One side's view of the other. Only one side acts at a time: it has the turn, until it gives it.
class Peer {
 public:
  Peer(Bench& bench, Side side) noexcept : bench_{bench}, side_{side} {}

  // To be called first: waits for the other side. False if Xen has not made the channels. Afterwards it is the
  // first side's turn.
  [[nodiscard]] bool meet() noexcept;

  // No port bound but the static ones, nothing pending, nothing masked.
  void start_afresh() noexcept;

  void give_turn() noexcept;
  void await_turn() noexcept;
  // The other side goes on, until it gives the turn back.
  void hand_over() noexcept {
    give_turn();
    await_turn();
  }

  [[nodiscard]] Side side() const noexcept { return side_; }
  // The other domain's number.
  [[nodiscard]] Domain_id domain() const noexcept { return domain_; }
  // Whether SILO keeps the two apart.
  [[nodiscard]] bool kept_apart() const noexcept { return bench_.machine().silo(); }
  // What an operation between them answers that SILO forbids, and what it answers else.
  template <typename Refusal, typename Answer>
  [[nodiscard]] std::int64_t unless_apart(Refusal refusal, Answer otherwise) const noexcept {
    return kept_apart() ? static_cast<std::int64_t>(refusal) : static_cast<std::int64_t>(otherwise);
  }

  // The ends of a channel.
  [[nodiscard]] Port here(const Static_channel& channel) const noexcept {
    return side_ == Side::first ? channel.first : channel.second;
  }
  [[nodiscard]] Port there(const Static_channel& channel) const noexcept {
    return side_ == Side::first ? channel.second : channel.first;
  }
  // Whether the link was pending before anybody had sent an event.
  [[nodiscard]] bool link_was_pending() const noexcept { return link_was_pending_; }

 private:
  Bench& bench_;
  Side side_;
  Domain_id domain_{0};
  bool link_was_pending_ = false;
};

// Where Xen puts the next port and the next grant entry of a domain that has none but the static and the reserved
// ones: so that each side knows those of the other, which has no other way to tell.
inline constexpr Port first_free_port{1};
inline constexpr Grant_ref first_free_grant{abi::grant_reserved_entries};

struct Pair_case {
  std::string_view name;     // a claim
  std::string_view promise;  // of Xen's, and where it stands
  // It begins with the turn of the first side, and the second has it when the first gives it or returns. A side
  // without anything to do or to say has no function.
  void (*first)(Bench& bench, Peer& peer);
  void (*second)(Bench& bench, Peer& peer);
  const char* departure = nullptr;
  // The case ends what the two have in common: nobody has the turn afterwards.
  bool parting = false;
};

struct Pair_subject {
  std::string_view name;
  std::span<const Pair_case> cases;
};

[[nodiscard]] std::span<const Pair_subject* const> pair_subjects() noexcept;

// One side of all cases; a skip if there is no other side.
[[nodiscard]] report::Verdict run_side(Machine& machine, Side side, report::Line_sink& sink) noexcept;

}  // namespace enlighten::conformance
