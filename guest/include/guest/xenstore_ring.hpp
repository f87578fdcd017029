// SPDX-License-Identifier: MIT
// A domain's end of the xenstore ring: bytes of messages, out and in, and how the connection stands ([xen]
// io/xs_wire.h, misc/xenstore-ring.txt).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include <abi/xenstore.hpp>
#include <base/result.hpp>
#include <guest/byte_ring.hpp>
#include <guest/shared_words.hpp>

namespace enlighten::guest {

// One user at a time. The other end is not trusted: whatever it writes, no access leaves the ring, and indices that
// cannot be are an error that names both. Whoever has sent, received or asked for a new connection tells xenstored
// by an event: it may be waiting for room as well as for bytes.
//
// That xenstored, woken, sees what was stored before is Xen's part: EVTCHNOP_send sets the event by an atomic
// operation with a full barrier.
template <Word_policy Words = Shared_words>
class Xenstore_ring {
 public:
  static constexpr std::uint32_t size = sizeof(abi::Xenstore_ring::req);

  explicit Xenstore_ring(abi::Xenstore_ring& ring, Words words = {}) noexcept : ring_{&ring}, words_{words} {
    begin();
  }

  // Takes the indices from the page as they are: at first, and after a new connection, for which xenstored sets
  // them. False if an earlier program of this domain has left something in either direction, of which nobody knows
  // where its first message begins; what has come is skipped.
  bool begin() noexcept {
    produced_ = words_.load(ring_->req_prod, std::memory_order_relaxed);
    consumed_ = words_.load(ring_->rsp_cons, std::memory_order_relaxed);
    const std::uint32_t come = words_.load(ring_->rsp_prod, std::memory_order_relaxed);
    const bool is_empty = come == consumed_ && words_.load(ring_->req_cons, std::memory_order_relaxed) == produced_;
    if (come != consumed_) {
      consumed_ = come;
      words_.store(ring_->rsp_cons, consumed_, std::memory_order_relaxed);
    }
    return is_empty;
  }

  // Sends as many bytes as there is room for, from the first on; how many that was.
  [[nodiscard]] Result<std::size_t> send(std::span<const std::byte> bytes) noexcept {
    const std::uint32_t taken = byte_ring::theirs(words_, ring_->req_cons);
    const std::uint32_t waiting = produced_ - taken;
    if (waiting > size) {
      return bad_indices("requests", produced_, taken);
    }
    ENLIGHTEN_TRY(still_ours(ring_->req_prod, produced_, "requests produced"));
    const std::size_t count = std::min<std::size_t>(bytes.size(), size - waiting);
    byte_ring::write(words_, ring_->req, bytes.first(count), produced_, ring_->req_prod);
    return count;
  }

  // Takes as many bytes as have come and fit; how many that was.
  [[nodiscard]] Result<std::size_t> receive(std::span<std::byte> into) noexcept {
    const std::uint32_t end = byte_ring::theirs(words_, ring_->rsp_prod);
    const std::uint32_t waiting = end - consumed_;
    if (waiting > size) {
      return bad_indices("replies", end, consumed_);
    }
    ENLIGHTEN_TRY(still_ours(ring_->rsp_cons, consumed_, "replies consumed"));
    const std::size_t count = std::min<std::size_t>(into.size(), waiting);
    byte_ring::read(words_, ring_->rsp, into.first(count), consumed_, ring_->rsp_cons);
    return count;
  }

  // Features that xenstored says it has: it may add some at any time, and takes none back.
  [[nodiscard]] bool can_reconnect() const noexcept { return has(abi::xenstore_feature_reconnection); }

  // A new connection is on its way, asked for by us or by whoever made the domain. Until it is there, nothing in
  // the page but this means anything; then comes begin().
  //
  // The word is looked at whether or not the feature is there, since a domain that was made before xenstored was
  // started finds it set before there is anybody to have features.
  [[nodiscard]] bool is_reconnecting() const noexcept {
    // Acquire. Ordered is this read before those of the indices in begin(). At the other end xenstored sets the
    // indices, has a barrier, and sets this word. Weaker, and we could go on from indices that are no more.
    return words_.load(ring_->connection, std::memory_order_acquire) !=
           static_cast<std::uint32_t>(abi::Xenstore_connection::connected);
  }

  // Asks for one, with can_reconnect().
  void reconnect() noexcept {
    // Release. Ordered is all that we have stored in the page before this word. At the other end xenstored reads
    // it, has a barrier, and sets the indices. Weaker, and a store of ours could land on top of what it has set.
    words_.store(ring_->connection, static_cast<std::uint32_t>(abi::Xenstore_connection::reconnect),
                 std::memory_order_release);
  }

  // An error if xenstored says that it has given this connection up, and why.
  [[nodiscard]] Result<> complaint() const noexcept {
    // Relaxed: nothing else is read by it.
    const std::uint32_t code =
        has(abi::xenstore_feature_error) ? words_.load(ring_->error, std::memory_order_relaxed) : std::uint32_t{0};
    switch (static_cast<abi::Xenstore_error>(code)) {
      case abi::Xenstore_error::none:
        return {};
      case abi::Xenstore_error::communication:
        return given_up("its event channel does not work");
      case abi::Xenstore_error::ring_index:
        return given_up("it has found indices in the ring that cannot be");
      case abi::Xenstore_error::protocol:
        return given_up("it has found a message that is too long");
    }
    return Error::make(Error_kind::protocol, "xenstore ring: xenstored has given up this connection: error %u",
                       static_cast<unsigned>(code));
  }

 private:
  [[nodiscard]] bool has(std::uint32_t feature) const noexcept {
    return (words_.load(ring_->server_features, std::memory_order_relaxed) & feature) != 0;
  }

  // A server that was started anew behind our back begins at other indices than ours.
  [[nodiscard]] Result<> still_ours(std::uint32_t& index, std::uint32_t ours, const char* which) const noexcept {
    const std::uint32_t there = words_.load(index, std::memory_order_relaxed);
    if (there != ours) {
      return Error::make(Error_kind::protocol, "xenstore ring: %s: we have left %#x there, and find %#x", which,
                         static_cast<unsigned>(ours), static_cast<unsigned>(there));
    }
    return {};
  }

  [[nodiscard]] static Error bad_indices(const char* which, std::uint32_t produced,
                                         std::uint32_t consumed) noexcept {
    return Error::make(Error_kind::protocol,
                       "xenstore ring: %s produced %#x, consumed %#x: further apart than the ring's %u bytes",
                       which, static_cast<unsigned>(produced), static_cast<unsigned>(consumed),
                       static_cast<unsigned>(size));
  }

  [[nodiscard]] static Error given_up(const char* why) noexcept {
    return Error::make(Error_kind::protocol, "xenstore ring: xenstored has given up this connection: %s", why);
  }

  abi::Xenstore_ring* ring_;
  [[no_unique_address]] Words words_;
  // Ours alone: what stands in the ring may be anybody's.
  std::uint32_t produced_ = 0;
  std::uint32_t consumed_ = 0;
};

}  // namespace enlighten::guest
