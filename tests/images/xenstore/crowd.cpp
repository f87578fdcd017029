// SPDX-License-Identifier: MIT
// Many at once: 64 requests in flight from all vCPUs, transactions that get in each other's way, and a writer
// outside.
#include <atomic>
#include <chrono>
#include <string>

#include "xenstore.hpp"

namespace xenstore {
namespace {

using test::Case;
using std::chrono::operator""ms;

constexpr unsigned crew = 64;

struct Tally {
  std::atomic<std::uint32_t> finished{0};
  std::atomic<std::uint32_t> wrong{0};
  std::atomic<std::uint32_t> elsewhere{0};
};

// Of a write and a read, for each.
std::uint64_t rounds_of(const Test& test) {
  constexpr std::uint64_t each = std::uint64_t{2} * crew;
  return (test.operations + each - 1) / each;
}

// Release: with `finished` comes what was counted before, to the acquire of all_of().
void finish(Tally& tally) {
  tally.finished.fetch_add(1, std::memory_order_release);
}

// Every request has its deadline, so each comes to its end.
Task<> all_of(const Tally& tally, unsigned count) {
  while (tally.finished.load(std::memory_order_acquire) != count) {
    co_await runtime::this_vcpu().executor().sleep_for(1ms);
  }
}

Task<> member(Test& test, unsigned number, Tally& tally) {
  const Cpu home{number % test.guest.cpus()};
  co_await test.guest.vcpu(home).here();
  const Xenstore_path path = ground / "crowd" / number;
  for (std::uint64_t round = 0; round < rounds_of(test); ++round) {
    const std::uint64_t value = round * crew + number;
    const Result<> written = co_await test.store.write_number(path, value);
    const Result<std::uint64_t> read = co_await test.store.read_number(path);
    tally.wrong.fetch_add(!written || !read || *read != value ? 1U : 0U, std::memory_order_relaxed);
    tally.elsewhere.fetch_add(runtime::this_vcpu().cpu != home ? 1U : 0U, std::memory_order_relaxed);
  }
  finish(tally);
}

// One that looks at all of them meanwhile.
Task<> onlooker(runtime::Watch& watch, std::uint32_t& changes, const Tally& crew_tally, Tally& tally) {
  while (crew_tally.finished.load(std::memory_order_acquire) != crew) {
    const Result<> change = co_await watch.change();
    tally.wrong.fetch_add(change ? 0U : 1U, std::memory_order_relaxed);
    ++changes;
    if (!change) {
      break;
    }
  }
  finish(tally);
}

Task<> counter(Test& test, unsigned number, unsigned rounds, Tally& tally) {
  co_await test.guest.vcpu(Cpu{number % test.guest.cpus()}).here();
  for (unsigned round = 0; round < rounds; ++round) {
    const Result<> counted = co_await test.store.transact([](runtime::Transaction& transaction) -> Task<Result<>> {
      const auto value = co_await transaction.read_number(ground / "count");
      if (!value) {
        co_return value.error();
      }
      co_return co_await transaction.write_number(ground / "count", *value + 1);
    });
    if (!counted) {
      test.ktap.diagnose_format("counter %u: %s", number, counted.error().text());
      tally.wrong.fetch_add(1, std::memory_order_relaxed);
    }
  }
  finish(tally);
}

}  // namespace

Task<> crowd(Test& test) {
  Case result{test.ktap, "64 coroutines on all vCPUs each read what they wrote, on their own vCPU"};
  Tally tally;
  Tally onlookers;
  std::uint32_t changes = 0;
  Result<runtime::Watch> watch = co_await test.store.watch(ground / "crowd");
  if (!result.works(watch, "watch")) {
    co_return;
  }
  runtime::Executor& executor = runtime::this_vcpu().executor();
  executor.spawn(onlooker(*watch, changes, tally, onlookers));
  for (unsigned number = 0; number < crew; ++number) {
    executor.spawn(member(test, number, tally));
  }
  co_await all_of(tally, crew);
  // The onlooker may wait for one more change.
  result.works(co_await test.store.write(ground / "crowd" / "end", ""), "the last write");
  co_await all_of(onlookers, 1);
  result.equal(tally.wrong.load(), 0, "what was read and not written before");
  result.equal(tally.elsewhere.load(), 0, "answers on another vCPU");
  result.equal(onlookers.wrong.load(), 0, "changes that were errors");
  result.expect(changes > 1, "changes were seen");
  const std::uint64_t operations = rounds_of(test) * std::uint64_t{2} * crew;
  test.ktap.diagnose_format("%llu operations, %u changes seen", static_cast<unsigned long long>(operations),
                            changes);
  result.works(co_await test.store.rm(ground / "crowd"), "rm");
}

Task<> counting(Test& test) {
  Case result{test.ktap, "transactions that get in each other's way lose no count"};
  constexpr unsigned counters = 4;
  constexpr unsigned rounds = 15;
  constexpr std::uint64_t expected = std::uint64_t{counters} * rounds;
  result.works(co_await test.store.write(ground / "count", "0"), "write");
  Tally tally;
  for (unsigned number = 0; number < counters; ++number) {
    runtime::this_vcpu().executor().spawn(counter(test, number, rounds, tally));
  }
  co_await all_of(tally, counters);
  result.equal(tally.wrong.load(), 0, "transactions that failed");
  const auto count = co_await test.store.read_number(ground / "count");
  result.expect(count && *count == expected, "all are counted");
}

Task<> against_rival(Test& test) {
  constexpr const char* name = "transactions come to their end although somebody outside writes all the time";
  if (!test.has_rival) {
    test.ktap.skip(name, "nobody does");
    co_return;
  }
  Case result{test.ktap, name};
  Result<runtime::Watch> watch = co_await test.store.watch(rival);
  if (!result.works(watch, "watch")) {
    co_return;
  }
  // Until the other one has begun.
  while (!co_await test.store.read(rival)) {
    if (!result.works(co_await watch->change(), "change")) {
      co_return;
    }
  }
  unsigned attempts = 0;
  constexpr unsigned rounds = 30;
  for (unsigned round = 0; round < rounds; ++round) {
    const Result<> outcome = co_await test.store.transact([&](runtime::Transaction& transaction) -> Task<Result<>> {
      ++attempts;
      const auto value = co_await transaction.read(rival);
      if (!value) {
        co_return value.error();
      }
      co_await runtime::this_vcpu().executor().sleep_for(5ms);
      const auto again = co_await transaction.read(rival);
      if (again && *again != *value) {
        co_return Error::make(Error_kind::protocol, "what was read in a transaction has changed within it");
      }
      co_return co_await transaction.write(ground / "copy", *value);
    });
    if (!result.works(outcome, "transaction")) {
      break;
    }
  }
  test.ktap.diagnose_format("%u transactions took %u attempts", rounds, attempts);
  result.works(co_await test.store.write(done, "1"), "the end");
}

}  // namespace xenstore
