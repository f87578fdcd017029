// SPDX-License-Identifier: MIT
// A vCPU's executor as what a watchdog watches: spawn(watch_over(dog)).
#pragma once

#include <guest/watchdog.hpp>
#include <runtime/task.hpp>

namespace enlighten::runtime {

// Feeds `dog`, which must live as long, four times as often as need be, for as long as the calling vCPU comes to
// run what is ready: a handler or a coroutine that never returns there ends the domain. Ends if Xen refuses to feed
// it, with a line in the log.
[[nodiscard]] Task<> watch_over(const guest::Watchdog& dog);

}  // namespace enlighten::runtime
