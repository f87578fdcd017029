// SPDX-License-Identifier: MIT
// The subcommands. Each returns the exit code of the command, or throws a Failure.
#pragma once

#include <string>

#include <runner/options.hpp>

namespace enlighten::runner {

int run_command(const Run_options& options);
int run_model_command(const Run_options& options);
int build_command();
// `filter` is a regular expression over the names of tests; empty means all.
int test_command(const std::string& filter);
int bench_command(const Bench_options& options);
int conformance_command(const Conformance_options& options);
int coverage_command(const Coverage_options& options);
int differential_command(const Differential_options& options);
int soak_command(const Soak_options& options);
int doctor_command();
int list_command();
int docs_command();
int export_command(const Export_options& options);
int clean_command();

}  // namespace enlighten::runner
