// SPDX-License-Identifier: MIT
// A domain's connection to xenstored: requests by the dozen, each with its id and its deadline, watches, and what
// is done when xenstored begins anew.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <abi/xenstore.hpp>
#include <base/result.hpp>
#include <guest/linked_ring.hpp>
#include <guest/xenstore_message.hpp>
#include <guest/xenstore_ring.hpp>

namespace enlighten::guest {

class Xenstore;

// One request, from Xenstore::submit() until on_reply() or cancel(); then it may be submitted again. Its owner
// keeps it where it is, and the texts of its message, until then.
class Xenstore_request : public Linked {
 public:
  Xenstore_request() noexcept = default;
  Xenstore_request(const Xenstore_request&) = delete;
  Xenstore_request& operator=(const Xenstore_request&) = delete;
  virtual ~Xenstore_request() = default;

 protected:
  // The reply's payload, which is there during this call only, or why there is none: xenstored refused
  // (Error_kind:: xenstore), did not answer in time, or broke the rules. Once for each submit(), from within a
  // function of Xenstore's; the request may be gone when it returns.
  virtual void on_reply(Result<std::string_view> payload) noexcept = 0;

 private:
  friend class Xenstore;

  Xenstore_message message_ = Xenstore_message::transaction_start();
  std::uint64_t deadline_ = 0;
  std::uint32_t id_ = 0;
  bool is_sent_ = false;
};

// Interest in a node and all below it, from Xenstore::watch() until forget().
class Xenstore_watch : public Linked {
 public:
  Xenstore_watch() noexcept : registration_{*this} {}
  Xenstore_watch(const Xenstore_watch&) = delete;
  Xenstore_watch& operator=(const Xenstore_watch&) = delete;
  virtual ~Xenstore_watch() = default;

  [[nodiscard]] std::string_view path() const noexcept { return path_; }
  // What xenstored knows it by.
  [[nodiscard]] std::string_view token() const noexcept { return {token_.data(), token_.size()}; }

 protected:
  // xenstored has accepted it or not; in the latter case it is forgotten. Once after watch(), and once more each
  // time that xenstored has begun anew. The watch may be forgotten here and below, but not destroyed.
  virtual void on_registered(const Result<>& outcome) noexcept = 0;
  // Something at `path` may have changed: the watched path or one below it, which is there during this call only.
  // Comes once unasked for each on_registered().
  virtual void on_change(std::string_view path) noexcept = 0;

 private:
  friend class Xenstore;

  class Registration final : public Xenstore_request {
   public:
    explicit Registration(Xenstore_watch& watch) noexcept : watch_{watch} {}
    void on_reply(Result<std::string_view> payload) noexcept override;

   private:
    friend class Xenstore;
    Xenstore_watch& watch_;
  };

  std::string_view path_;
  std::array<char, 8> token_{};
  Registration registration_;
  Xenstore* store_ = nullptr;
};

// One caller at a time; callbacks come from within these functions, and may call any of them. Time is whatever
// counts up. Whoever has called something tells xenstored by the event channel if take_notice() says so.
class Xenstore {
 public:
  static constexpr std::uint64_t no_deadline = ~std::uint64_t{0};

  // A message on its way out and one on its way in.
  struct Buffers {
    std::span<std::byte, abi::xenstore_payload_max> out;
    std::span<std::byte, abi::xenstore_payload_max> in;
  };

  explicit Xenstore(const Buffers& buffers) noexcept : buffers_{buffers} {}
  Xenstore(const Xenstore&) = delete;
  Xenstore& operator=(const Xenstore&) = delete;

  // Once there is one: a domain may be running before xenstored is. Until then requests wait.
  void attach(abi::Xenstore_ring& page) noexcept { ring_.emplace(page); }
  [[nodiscard]] bool is_attached() const noexcept { return ring_.has_value(); }

  // Never refused here: whatever is wrong comes by on_reply(), and may come from within.
  void submit(Xenstore_request& request, const Xenstore_message& message, std::uint64_t deadline) noexcept;
  // on_reply() will not come. A reply that does is dropped; what it was about may be done nevertheless.
  void cancel(Xenstore_request& request) noexcept;

  // The deadline is that of the first on_registered(). `path` stays.
  void watch(Xenstore_watch& watch, std::string_view path, std::uint64_t deadline) noexcept;
  // Nothing more comes to it. Whether xenstored is to be told, by Xenstore_message::unwatch(): it may know of it.
  bool forget(Xenstore_watch& watch) noexcept;

  // After each event of the channel's. Takes what has come, once round: xenstored tells if there is more.
  void process() noexcept;
  // Ends requests whose deadline is not after `now`; the next deadline.
  std::uint64_t expire(std::uint64_t now) noexcept;

  // Whether the ring was changed since the last time.
  [[nodiscard]] bool take_notice() noexcept { return std::exchange(notice_, false); }

  // Connected; if not, requests wait for that.
  [[nodiscard]] bool is_connected() const noexcept { return state_ == State::connected; }
  // Why it is over for good, if it is: each request fails with this.
  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }

  // How often there was a new connection. A transaction of an earlier one does not exist any more.
  [[nodiscard]] std::uint32_t connections() const noexcept { return connections_; }

  // What was dropped, since the beginning.
  struct Dropped {
    std::uint32_t late = 0;       // replies to requests that had been given up
    std::uint32_t unasked = 0;    // replies to nothing that was ever asked
    std::uint32_t malformed = 0;  // events of watches that were none
  };
  [[nodiscard]] const Dropped& dropped() const noexcept { return dropped_; }

 private:
  friend class Xenstore_watch;

  enum class State : std::uint8_t { connecting, connected, failed };

  static constexpr std::size_t header_size = sizeof(abi::Xsd_sockmsg);

  [[nodiscard]] Result<> go_on() noexcept;
  void connect() noexcept;
  void lose(const Error& why) noexcept;
  void begin_anew(const Error& why) noexcept;
  void fail(const Error& why) noexcept;
  static void give_up(Linked_ring<Xenstore_request>& requests, const Error& why) noexcept;
  [[nodiscard]] Result<> receive() noexcept;
  [[nodiscard]] Result<> take(std::span<const std::byte> bytes) noexcept;
  void take_message() noexcept;
  void take_reply(std::string_view payload) noexcept;
  void take_event(std::string_view payload) noexcept;
  void flush() noexcept;
  [[nodiscard]] Result<> send() noexcept;
  void load(Xenstore_request& request) noexcept;

  std::optional<Xenstore_ring<>> ring_;
  Buffers buffers_;
  Linked_ring<Xenstore_request> waiting_;    // not yet, or not wholly, in the ring
  Linked_ring<Xenstore_request> in_flight_;  // in the order they went out, which is mostly that of the replies
  Linked_ring<Xenstore_watch> watches_;
  std::optional<Error> failure_;

  // The message on its way out, header and payload, and how much of both has gone; none if all has.
  abi::Xsd_sockmsg out_header_;
  std::size_t out_size_ = 0;
  std::size_t out_done_ = 0;
  // The message on its way in, and how much of it has come.
  abi::Xsd_sockmsg in_header_;
  std::size_t in_done_ = 0;

  std::uint32_t next_id_ = 1;
  std::uint32_t next_token_ = 1;
  std::uint32_t connections_ = 0;
  Dropped dropped_;
  State state_ = State::connecting;
  bool notice_ = false;
  bool busy_ = false;  // within process(): what is submitted meanwhile goes out at its end
};

}  // namespace enlighten::guest
