// SPDX-License-Identifier: MIT
// The end of a guest whose own invariants are broken: a report on the console, then SHUTDOWN_crash.
#pragma once

namespace enlighten::arch {
struct Exception_frame;
}

namespace enlighten::runtime {

// For what is wrong with our own code. What Xen, a device tree or another domain says is input, and wrong input is
// an Error. Prints `format`, a backtrace of this vCPU, and does not return. Two vCPUs that panic at once report one
// after the other.
[[noreturn, gnu::format(printf, 1, 2)]] void panic(const char* format, ...) noexcept;

// The same for what the vectors caught.
[[noreturn]] void panic_in(const arch::Exception_frame& frame) noexcept;

}  // namespace enlighten::runtime
