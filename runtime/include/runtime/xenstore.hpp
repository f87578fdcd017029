// SPDX-License-Identifier: MIT
// xenstore for coroutines, on any vCPU: co_await store.read("name").
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <base/result.hpp>
#include <guest/bound_port.hpp>
#include <guest/spin_lock.hpp>
#include <guest/xenstore.hpp>
#include <guest/xenstore_path.hpp>
#include <guest/xenstore_place.hpp>
#include <runtime/clock.hpp>
#include <runtime/guest.hpp>
#include <runtime/task.hpp>

namespace enlighten::runtime {

using guest::own_domain;  // own_domain / "device" / "vif" / 0
using guest::Xenstore_path;
using guest::Xenstore_permission;

class Store;

// What one connection of xenstored's calls a transaction. A later one does not know it.
struct Store_transaction {
  guest::Xenstore_transaction_id id = guest::no_transaction;
  std::uint32_t connection = 0;
};

// What is asked, by value.
struct Store_question {
  Xenstore_path path;
  // Most who fill this in leave it out.
  std::string value = {};  // NOLINT(readability-redundant-member-init)
  std::array<std::uint64_t, 3> numbers = {};
  std::array<Xenstore_permission, guest::Xenstore_message::most_permissions> permissions = {};
  Store_transaction in = {};
};

// A request under way, awaited once, where it stands: it holds all that it needs. The vCPU it is awaited on goes on
// with the reply.
class Store_request : public guest::Xenstore_request {
 public:
  // The message refers to the question.
  using Prepare = Result<guest::Xenstore_message> (*)(const Store_question& question);

  static constexpr Duration patience = std::chrono::seconds{30};

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept;

 protected:
  Store_request(Store& store, Prepare prepare, Store_question question) noexcept
      : store_{store}, prepare_{prepare}, question_{std::move(question)} {}

  void set_patience(Duration longest) noexcept { patience_ = longest; }
  // After await_suspend(): the payload of the reply.
  [[nodiscard]] const Result<std::string>& reply() const noexcept { return reply_; }
  // By which connection it came.
  [[nodiscard]] std::uint32_t connection() const noexcept { return connection_; }

 private:
  friend class Store;

  void on_reply(Result<std::string_view> payload) noexcept override;

  Store& store_;
  Vcpu* asker_ = nullptr;
  Resume resume_;
  Prepare prepare_;
  Store_question question_;
  Duration patience_ = patience;
  Result<std::string> reply_;
  std::uint32_t connection_ = 0;
};

// co_await gives a Result<T>.
template <typename T>
class [[nodiscard]] Store_operation final : public Store_request {
 public:
  using Decode = Result<T> (*)(std::string_view payload);

  Store_operation(Store& store, Prepare prepare, Decode decode, Store_question question) noexcept
      : Store_request{store, prepare, std::move(question)}, decode_{decode} {}

  // The operation by another name: an awaited reference to it would be copied by GCC 12.
  class [[nodiscard]] Hurried {
   public:
    explicit Hurried(Store_operation& operation) noexcept : operation_{operation} {}
    [[nodiscard]] bool await_ready() const noexcept { return operation_.await_ready(); }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { operation_.await_suspend(waiter); }
    [[nodiscard]] Result<T> await_resume() const noexcept { return operation_.await_resume(); }

   private:
    Store_operation& operation_;
  };
  // How long to wait for the reply; else Store_request::patience. Awaited where it stands:
  // co_await store.read("name").within(std::chrono::seconds{2}).
  Hurried within(Duration longest) noexcept {
    set_patience(longest);
    return Hurried{*this};
  }

  [[nodiscard]] Result<T> await_resume() const noexcept {
    Result<T> result = reply() ? decode_(*reply()) : Result<T>{reply().error()};
    if constexpr (std::same_as<T, Store_transaction>) {
      if (result) {
        result->connection = connection();
      }
    }
    return result;
  }

 private:
  Decode decode_;
};

// The operations that may be part of a transaction, and those of a Store outside any.
class Store_access {
 public:
  // The value as it is, which may be any bytes; most are text.
  [[nodiscard]] Store_operation<std::string> read(const Xenstore_path& path) noexcept;
  // One that is a number in decimal.
  [[nodiscard]] Store_operation<std::uint64_t> read_number(const Xenstore_path& path) noexcept;
  // Missing nodes on the way are made.
  [[nodiscard]] Store_operation<void> write(const Xenstore_path& path, std::string_view value) noexcept;
  [[nodiscard]] Store_operation<void> write_number(const Xenstore_path& path, std::uint64_t value) noexcept;
  // Nothing changes if there is such a node.
  [[nodiscard]] Store_operation<void> mkdir(const Xenstore_path& path) noexcept;
  // With all below it. No error if there is none.
  [[nodiscard]] Store_operation<void> rm(const Xenstore_path& path) noexcept;
  [[nodiscard]] Store_operation<std::vector<Xenstore_permission>> permissions(const Xenstore_path& path) noexcept;
  // The first is the owner's, and what all may do who are not listed; 8 at most.
  [[nodiscard]] Store_operation<void> set_permissions(const Xenstore_path& path,
                                                      std::span<const Xenstore_permission> permissions) noexcept;
  // The names below a node, in no special order; in parts if they are many.
  [[nodiscard]] Task<Result<std::vector<std::string>>> directory(Xenstore_path path);

 protected:
  Store_access(Store& store, Store_transaction in) noexcept : store_{store}, in_{in} {}

 private:
  [[nodiscard]] Store_operation<std::string> names_of(const Xenstore_path& path) noexcept;
  [[nodiscard]] Store_operation<std::string> part_of_names(const Xenstore_path& path,
                                                           std::uint64_t offset) noexcept;

  Store& store_;
  Store_transaction in_;
};

// Several operations that are done all together or not at all, and as if nobody else had done anything meanwhile:
// see Store::transact().
class Transaction final : public Store_access {
 private:
  friend class Store;
  Transaction(Store& store, Store_transaction which) noexcept : Store_access{store, which} {}
};

// Interest in a node and all below it: co_await watch.change(), for one coroutine at a time, on any vCPU. Changes
// that come while nobody waits become one. The first is there at once, and so is one each time that xenstored has
// begun anew: whoever waits in a loop, and looks after each, has always seen the latest.
class Watch {
 public:
  Watch(Watch&& other) noexcept;
  Watch& operator=(Watch&& other) noexcept;
  ~Watch();

  class Change;
  // A Result<>: an error if there is nothing to come any more.
  [[nodiscard]] Change change() noexcept;

  // By anybody, on any vCPU: as if there had been a change, for who waits to look at something else.
  void poke() noexcept;

  // Runs `look`, a function to Task<>, after each change, until there is nothing to come any more: that error.
  template <typename Look>
  [[nodiscard]] Task<Result<>> follow(Look look);

 private:
  friend class Store;
  class State;
  explicit Watch(std::unique_ptr<State> state) noexcept;
  void end() noexcept;

  std::unique_ptr<State> state_;
};

class Store final : public Store_access, private guest::Event_handler {
 public:
  // The domain's own: one, opened by whoever asks first, on whose vCPU its events then are, and there until the
  // guest ends. An error without Xen, or if whoever made the domain has given it none. Where xenstored is yet to be
  // started, requests wait for it.
  [[nodiscard]] static Result<Store*> open(Guest& guest) noexcept;

  // Runs `body`, a function from Transaction& to Task<Result<>>, and commits; again, from the beginning, if others
  // have changed meanwhile what it has to do with, or xenstored has begun anew. Its own errors end it, with nothing
  // done.
  template <typename Body>
  [[nodiscard]] Task<Result<>> transact(Body body);
  static constexpr unsigned most_attempts = 100;

  [[nodiscard]] Task<Result<Watch>> watch(Xenstore_path path);

  // /local/domain/N; of any domain.
  [[nodiscard]] Store_operation<std::string> domain_path(Domain_id domain) noexcept;
  // Of our own, by its whole name.
  [[nodiscard]] Task<Result<Xenstore_path>> own_path();
  [[nodiscard]] Store_operation<bool> is_introduced(Domain_id domain) noexcept;
  // These for control domains alone.
  [[nodiscard]] Store_operation<void> introduce(Domain_id domain, abi::Gfn ring, Port port) noexcept;
  [[nodiscard]] Store_operation<std::string> control(std::string_view command, std::string_view parameter) noexcept;
  // All watches and transactions of this domain's, an earlier program's too. For before the first ones.
  [[nodiscard]] Store_operation<void> reset_watches() noexcept;

  // How often there was a connection, and what xenstored has sent that had to be dropped.
  [[nodiscard]] std::uint32_t connections() noexcept;
  [[nodiscard]] guest::Xenstore::Dropped dropped() noexcept;

 private:
  friend class Store_request;
  friend class Watch;

  // Looks after the deadlines of what one vCPU's coroutines wait for: if that vCPU is off, so are they.
  struct Timekeeper {
    Instant wakes = Instant::max();
    std::uint32_t serial = 0;  // of the coroutine that is at it
  };

  Store(Guest& guest, std::span<std::byte, 2 * abi::page_size> pages, std::span<Timekeeper> timekeepers) noexcept;
  [[nodiscard]] static Result<Store*> make(Guest& guest) noexcept;
  [[nodiscard]] Result<> connect(const guest::Xenstore_place& place) noexcept;

  void on_event(Port port) noexcept override;
  // Under the lock: `what`; then tells xenstored if there is something to be told.
  template <typename What>
  auto locked(What what) noexcept;
  void submit(Store_request& request, const guest::Xenstore_message& message, const Store_transaction& in,
              Instant deadline) noexcept;
  void look_at_time(Instant deadline) noexcept;
  [[nodiscard]] Task<> keep_time(Timekeeper& keeper, std::uint32_t serial, Instant first);

  [[nodiscard]] Store_operation<Store_transaction> begin_transaction() noexcept;
  [[nodiscard]] Store_operation<void> end_transaction(const Store_transaction& which,
                                                      guest::Xenstore_message::Ending how) noexcept;
  // What follows the end of an attempt: true, another one.
  [[nodiscard]] static bool is_conflict(const Result<>& outcome) noexcept;
  [[nodiscard]] Task<Result<>> finish(Store_transaction which, Result<> outcome);

  Guest& guest_;
  guest::Spin_lock lock_;  // of client_ and all that it calls
  guest::Xenstore client_;
  guest::Bound_port port_;
  std::span<Timekeeper> timekeepers_;
};

class Watch::Change {
 public:
  explicit Change(State& state) noexcept : state_{state} {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  [[nodiscard]] bool await_suspend(std::coroutine_handle<> waiter) noexcept;
  [[nodiscard]] Result<> await_resume() noexcept;

 private:
  State& state_;
};

template <typename Look>
Task<Result<>> Watch::follow(Look look) {
  for (;;) {
    if (const Result<> changed = co_await change(); !changed) {
      co_return changed.error();
    }
    co_await look();
  }
}

template <typename Body>
Task<Result<>> Store::transact(Body body) {
  for (unsigned attempt = 1;; ++attempt) {
    const Result<Store_transaction> begun = co_await begin_transaction();
    if (!begun) {
      co_return begun.error();
    }
    Transaction transaction{*this, *begun};
    Result<> outcome = co_await body(transaction);
    outcome = co_await finish(*begun, std::move(outcome));
    if (!is_conflict(outcome) || attempt == most_attempts) {
      co_return outcome;
    }
    // Whoever came in between may need as long again: the more often, the longer the others are left alone.
    co_await this_vcpu().executor().sleep_for(std::chrono::microseconds{50} * attempt);
  }
}

}  // namespace enlighten::runtime
