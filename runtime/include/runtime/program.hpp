// SPDX-License-Identifier: MIT
// What a program provides: guest_main() as a coroutine, or just main().
#pragma once

#include <runtime/guest.hpp>
#include <runtime/task.hpp>

// Runs on the CPU that booted, the only one that is online then. What it returns becomes the program's exit code
// and the reason of the shutdown: 0 success, anything else failure, but for the codes of report::Verdict, which
// stand for themselves. A program with a plain main() need not have it.
enlighten::runtime::Task<int> guest_main(enlighten::runtime::Guest& guest);

namespace enlighten::runtime {

// guest_main() and, with what it returns, the end of the guest.
Task<> run_program(Guest& guest);

}  // namespace enlighten::runtime
