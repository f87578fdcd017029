// SPDX-License-Identifier: MIT
// The command line: which subcommand, and what it is told.
#pragma once

namespace enlighten::runner {

// Reads the command line, does what it says and returns the exit code; throws a Failure, or Interrupted.
int run_command_line(int argument_count, const char* const* arguments);

}  // namespace enlighten::runner
