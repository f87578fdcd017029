// SPDX-License-Identifier: MIT
// All vCPUs grant, map, unmap and end at once, out of one table and one stretch of addresses.
#include <atomic>

#include "../support/case.hpp"
#include "../support/counter.hpp"
#include "grants.hpp"

namespace grants {
namespace {

using guest::Grant_end;

constexpr std::uint32_t rounds = 40;

struct Shared {
  std::atomic<std::uint32_t> done{0};
  std::atomic<std::uint32_t> wrong{0};    // pages that were somebody else's, too
  std::atomic<std::uint32_t> refused{0};  // by Xen, or for want of something
};

runtime::Task<> work(Test& test, Cpu cpu, Shared& shared) {
  co_await test.guest.vcpu(cpu).here();
  for (std::uint32_t round = 0; round < rounds; ++round) {
    const unsigned number = cpu.value() * 100 + round;
    Result<guest::Granted_range> row =
        test.grants.table().grant_range(test.own, Frame_access::read_write, 1 + round % 3);
    if (!row) {
      shared.refused.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    fill(row->bytes(), number);
    Result<guest::Mapped_page> mapped =
        test.grants.maps().map_page(test.own, row->ref(0), Frame_access::read_write);
    if (!mapped) {
      shared.refused.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    shared.wrong.fetch_add(is_filled(mapped->bytes(), number) ? 0U : 1U, std::memory_order_relaxed);
    if (round % 2 == 0) {
      // The mapping outlives the grant.
      static_cast<void>(row->end());
      static_cast<void>(test.grants.table().retry_deferred());
      shared.wrong.fetch_add(is_filled(mapped->bytes(), number) ? 0U : 1U, std::memory_order_relaxed);
    }
    shared.refused.fetch_add(mapped->unmap() ? 0U : 1U, std::memory_order_relaxed);
  }
  // Release: with the number come all of the above, to the acquire of who waits for it.
  shared.done.fetch_add(1, std::memory_order_release);
}

}  // namespace

runtime::Task<> busy(Test& test) {
  test::Case result{test.ktap, "all vCPUs grant and map at once, and no page is two vCPUs'"};
  Shared shared;
  runtime::Executor& executor = runtime::this_vcpu().executor();
  for (std::uint32_t cpu = 0; cpu < test.guest.cpus(); ++cpu) {
    executor.spawn(work(test, Cpu{cpu}, shared));
  }
  // As long as it takes: `shared` must not go before they have.
  while (shared.done.load(std::memory_order_acquire) < test.guest.cpus()) {
    co_await executor.sleep_for(std::chrono::milliseconds{1});
  }
  result.equal(shared.wrong.load(std::memory_order_relaxed), 0, "pages that were somebody else's, too");
  result.equal(shared.refused.load(std::memory_order_relaxed), 0, "refusals");
  static_cast<void>(test.grants.table().retry_deferred());
  result.equal(test.grants.table().deferred(), 0, "pages left when nothing is mapped");
}

}  // namespace grants
