// SPDX-License-Identifier: MIT
// Many at once, of every kind, to a xenstored that answers as it likes: each comes to its end all the same.
#include <array>
#include <atomic>
#include <chrono>

#include "xenstore.hpp"

namespace xenstore {
namespace {

using test::Case;
using std::chrono::operator""ms;

constexpr unsigned crew = 16;
constexpr unsigned kinds = 9;

struct Outcomes {
  std::atomic<std::uint32_t> good{0};
  std::atomic<std::uint32_t> refused{0};
  std::atomic<std::uint32_t> elsewhere{0};
  std::atomic<std::uint32_t> finished{0};
};

Task<bool> operation(Store& store, unsigned number, unsigned kind) {
  const Xenstore_path path = ground / "storm" / number;
  switch (kind) {
    case 0:
      co_return (co_await store.write(path, "what was written")).has_value();
    case 1:
      co_return (co_await store.read(path)).has_value();
    case 2:
      co_return (co_await store.read_number(path)).has_value();
    case 3:
      co_return (co_await store.directory(ground)).has_value();
    case 4:
      co_return (co_await store.permissions(path)).has_value();
    case 5:
      co_return (co_await store.is_introduced(Domain_id{0})).has_value();
    case 6:
      // Its life ends at once, whatever is on the way to it.
      co_return (co_await store.watch(path)).has_value();
    case 7: {
      const Result<> done = co_await store.transact([&](runtime::Transaction& transaction) -> Task<Result<>> {
        co_return co_await transaction.write(path, "within a transaction");
      });
      co_return done.has_value();
    }
    default:
      co_return (co_await store.rm(path)).has_value();
  }
}

Task<> member(Test& test, unsigned number, Outcomes& outcomes) {
  const Cpu home{number % test.guest.cpus()};
  co_await test.guest.vcpu(home).here();
  for (unsigned round = 0; round < test.operations / crew; ++round) {
    const bool good = co_await operation(test.store, number, (number + round) % kinds);
    (good ? outcomes.good : outcomes.refused).fetch_add(1, std::memory_order_relaxed);
    outcomes.elsewhere.fetch_add(runtime::this_vcpu().cpu != home ? 1U : 0U, std::memory_order_relaxed);
  }
  // Release: with it come the counts, to the acquire of storm().
  outcomes.finished.fetch_add(1, std::memory_order_release);
}

}  // namespace

Task<> storm(Test& test) {
  Case result{test.ktap, "each request comes to its end, on its own vCPU"};
  Outcomes outcomes;
  for (unsigned number = 0; number < crew; ++number) {
    runtime::this_vcpu().executor().spawn(member(test, number, outcomes));
  }
  while (outcomes.finished.load(std::memory_order_acquire) != crew) {
    co_await runtime::this_vcpu().executor().sleep_for(1000ms);
  }
  test.ktap.diagnose_format("%u operations succeeded, %u did not", outcomes.good.load(), outcomes.refused.load());
  result.equal(outcomes.elsewhere.load(), 0, "answers on another vCPU");
  result.expect(outcomes.refused.load() != 0, "something was refused");
}

}  // namespace xenstore
