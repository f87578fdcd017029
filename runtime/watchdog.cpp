// SPDX-License-Identifier: MIT
// Feeds a watchdog from an executor.
#include <runtime/watchdog.hpp>

#include <runtime/log.hpp>
#include <runtime/vcpu.hpp>

namespace enlighten::runtime {

Task<> watch_over(const guest::Watchdog& dog) {
  for (;;) {
    if (const Result<> fed = dog.feed(); !fed) {
      log(fed.error());
      co_return;
    }
    co_await this_vcpu().executor().sleep_for(Duration{dog.patience()} / 4);
  }
}

}  // namespace enlighten::runtime
