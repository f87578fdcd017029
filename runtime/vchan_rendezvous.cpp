// SPDX-License-Identifier: MIT
// How a vchan's ends find each other by xenstore, as libxenvchan's do.
#include <algorithm>
#include <array>

#include <abi/errno.hpp>
#include <runtime/pulse.hpp>
#include <runtime/vchan.hpp>
#include <runtime/xenstore.hpp>

namespace enlighten::runtime {
namespace {

// What is permitted to a domain that is yet to be made is nobody's, also once it is there: xenstored keeps a domain
// from what was meant for an earlier one of the same number. Whether there is such a domain a guest is not told, so
// it says it again.
constexpr Duration between_publications = std::chrono::seconds{1};

// Readable by the client alone, before anybody can have seen what is in it; both nodes or none.
[[nodiscard]] Task<Result<>> publish(Store& store, Domain_id client, Xenstore_path path, Vchan_handover handover) {
  const Result<std::uint64_t> own = co_await store.read_number(own_domain / "domid");
  if (!own) {
    co_return own.error();
  }
  using Access = Xenstore_permission::Access;
  const std::array permissions{
      Xenstore_permission{.domain = Domain_id{static_cast<std::uint16_t>(*own)}, .access = Access::none},
      Xenstore_permission{.domain = client, .access = Access::read}};
  struct Node {
    const char* name;
    std::uint32_t value;
  };
  const std::array nodes{Node{"ring-ref", handover.ring.value()}, Node{"event-channel", handover.port.value()}};
  co_return co_await store.transact([&](Transaction& transaction) -> Task<Result<>> {
    for (const Node& node : nodes) {
      if (const Result<> written = co_await transaction.write_number(path / node.name, node.value); !written) {
        co_return written.error();
      }
      if (const Result<> set = co_await transaction.set_permissions(path / node.name, permissions); !set) {
        co_return set.error();
      }
    }
    co_return Result<>{};
  });
}

[[nodiscard]] bool is_refusal(const Error& error, abi::Errno number) noexcept {
  return error.kind() == Error_kind::xenstore && error.number() == static_cast<std::int64_t>(number);
}

[[nodiscard]] Task<Result<>> withdraw(Store& store, Xenstore_path path) {
  co_return co_await store.transact([&](Transaction& transaction) -> Task<Result<>> {
    for (const char* const name : {"ring-ref", "event-channel"}) {
      const Result<> removed = co_await transaction.rm(path / name);
      // Somebody may have taken away all of the path: there is nothing to be found, as it should be.
      if (!removed && !is_refusal(removed.error(), abi::Errno::enoent)) {
        co_return removed.error();
      }
    }
    co_return Result<>{};
  });
}

// A number of 32 bits, and not 0, which is no port of anybody's and no grant of a vchan's.
[[nodiscard]] Task<Result<std::uint32_t>> read_word(Transaction& transaction, Xenstore_path path) {
  const Result<std::uint64_t> value = co_await transaction.read_number(path);
  if (!value) {
    co_return value.error();
  }
  if (*value == 0 || *value > UINT32_MAX) {
    co_return Error::make(Error_kind::protocol, "vchan: xenstore: %.*s is %llu, which cannot be",
                          static_cast<int>(path.view().size()), path.view().data(),
                          static_cast<unsigned long long>(*value));
  }
  co_return static_cast<std::uint32_t>(*value);
}

// Both of one server's.
[[nodiscard]] Task<Result<Vchan_handover>> look_up(Store& store, Xenstore_path path) {
  Vchan_handover found{Grant_ref{0}, Port{0}};
  const Result<> done = co_await store.transact([&](Transaction& transaction) -> Task<Result<>> {
    const Result<std::uint32_t> port = co_await read_word(transaction, path / "event-channel");
    if (!port) {
      co_return port.error();
    }
    const Result<std::uint32_t> ring = co_await read_word(transaction, path / "ring-ref");
    if (!ring) {
      co_return ring.error();
    }
    found = {Grant_ref{*ring}, Port{*port}};
    co_return Result<>{};
  });
  co_return done ? Result<Vchan_handover>{found} : Result<Vchan_handover>{done.error()};
}

}  // namespace

Task<Vchan::Made> Vchan::serve(Guest& guest, Domain_id client, Xenstore_path path, Vchan_orders orders,
                               Duration longest) {
  const Result<Store*> store = Store::open(guest);
  if (!store) {
    co_return store.error();
  }
  Made vchan = offer(guest, client, orders);
  if (!vchan) {
    co_return vchan.error();
  }
  const Instant begun = Clock::now();
  Result<> outcome;
  do {
    outcome = co_await publish(**store, client, path, (*vchan)->handover());
    if (outcome) {
      outcome = co_await (*vchan)->client_comes(std::min(between_publications, longest));
    }
  } while (!outcome && outcome.error().kind() == Error_kind::timed_out && Clock::now() - begun < longest);
  // Nobody is to find what is taken already, or given up.
  const Result<> removed = co_await withdraw(**store, path);
  if (!outcome || !removed) {
    co_return outcome ? removed.error() : outcome.error();
  }
  co_return vchan;
}

// A node that is yet to come cannot be told from one that is not for us to see. What wakes us is its coming; each
// second we look all the same, also at the time.
Task<Vchan::Made> Vchan::connect(Guest& guest, Domain_id server, Xenstore_path path, Duration longest) {
  const Result<Store*> store = Store::open(guest);
  if (!store) {
    co_return store.error();
  }
  Result<Watch> watch = co_await (*store)->watch(path);
  if (!watch) {
    co_return watch.error();
  }
  Pulse pulse;
  pulse.start([](void* of) noexcept { static_cast<Watch*>(of)->poke(); }, &*watch);
  const Instant begun = Clock::now();
  for (;;) {
    // The first is there at once.
    if (const Result<> changed = co_await watch->change(); !changed) {
      co_return changed.error();
    }
    const Result<Vchan_handover> handover = co_await look_up(**store, path);
    if (handover) {
      co_return take_up(guest, server, *handover);
    }
    if (handover.error().kind() != Error_kind::xenstore || Clock::now() - begun >= longest) {
      co_return handover.error();
    }
  }
}

}  // namespace enlighten::runtime
