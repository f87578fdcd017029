// SPDX-License-Identifier: MIT
// What every run comes to: the files that were asked for, the last lines, and the exit code.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <report_host/run.hpp>

#include <runner/options.hpp>

namespace enlighten::runner {

// Runs `body`, which tells what it saw and returns in a few words what it ran, where, and where its logs are.
// Whatever ends it, the reports that `options` ask for are written. Returns the verdict's exit code.
int run_and_report(const Run_options& options, const std::function<std::string(report::Run& run)>& body);

// As short as can be from where the user is.
[[nodiscard]] std::string shown_path(const std::filesystem::path& path);

}  // namespace enlighten::runner
