// SPDX-License-Identifier: MIT
// What each subcommand can be told on its command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <runner/machine.hpp>

namespace enlighten::runner {

struct Run_options {
  std::string what;  // the path of an image, or the name of an example
  unsigned vcpus = 4;
  unsigned pcpus = 2;
  std::uint64_t memory_mib = 128;
  unsigned gic = 3;
  std::optional<std::string> xen;  // a release, or the path of a Xen
  bool without_xen = false;
  std::string arguments;
  unsigned timeout_seconds = 60;
  std::optional<std::filesystem::path> report;
  std::optional<std::filesystem::path> junit;
  bool gdb = false;
  bool verbose = false;
};

struct Conformance_options {
  std::optional<std::string> xen;  // a release, or the path of a Xen
  bool model = false;              // on the model alone
  bool compare = false;            // on both, and where they differ
  std::string release;             // the model's; empty: that of the Xen that was booted, or the oldest
};

struct Soak_options {
  std::uint64_t minutes = 10;
  std::uint64_t from = 0;  // a seed; 0: where the last soak ended
};

}  // namespace enlighten::runner
