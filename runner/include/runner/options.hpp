// SPDX-License-Identifier: MIT
// What each subcommand can be told on its command line.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <runner/machine.hpp>

namespace enlighten::runner {

struct Guest_options {
  std::string what;                   // the path of an image, or the name of an example
  std::optional<std::string> called;  // instead of the image's name
  unsigned vcpus = 4;
  std::uint64_t memory_mib = 128;
  std::string arguments;
  std::optional<std::filesystem::path> xl_config;  // of the user's own
  std::vector<std::string> event_channels;         // "PORT:NAME:PORT": own port, the other guest and its port
};

// `enlighten run --model`: what decides the order of a guest's vCPUs.
struct Model_options {
  bool wanted = false;
  std::string release = "4.17";
  std::string schedule = "random";
  std::string xenstored = "honest";
  std::string regions = "named";
  std::uint64_t seed = 1;
  std::uint64_t rounds = 1;  // as many runs, each with the next seed
};

// The first guest, and the machine.
struct Run_options : Guest_options {
  std::vector<Guest_options> more_guests;
  std::optional<std::filesystem::path> domains;  // a file with all of them instead
  unsigned pcpus = 2;
  unsigned gic = 3;
  std::optional<std::string> xen;  // a release, or the path of a Xen
  std::string xen_arguments;
  bool without_xen = false;
  Model_options model;
  bool under_xl = false;                          // guests are made by xl, in a dom0
  std::optional<std::filesystem::path> dom0_run;  // a script
  std::vector<std::filesystem::path> dom0_files;  // there for it
  bool dom0_shell = false;
  unsigned timeout_seconds = 60;
  std::optional<std::filesystem::path> report;
  std::optional<std::filesystem::path> junit;
  std::optional<std::filesystem::path> trace;
  bool gdb = false;
  bool verbose = false;
};

struct Export_options : Guest_options {
  bool xl_cfg = false;
  bool imagebuilder = false;
  std::filesystem::path folder = ".";
};

struct Conformance_options {
  std::optional<std::string> xen;      // a release, or the path of a Xen
  bool model = false;                  // on the model alone
  bool compare = false;                // on both, and where they differ
  std::optional<std::string> explain;  // what to know of cases with this in their name: nothing is asked
  std::string release;                 // the model's; empty: that of the Xen that was booted, or the oldest
};

struct Differential_options {
  std::uint64_t seed = 1;
  unsigned programs = 300;
  unsigned length = 30;            // steps of a program
  std::size_t shrink = 3;          // how many kinds of difference are shrunk and shown
  std::optional<std::string> xen;  // a release, or the path of a Xen
  std::string release;             // the model's; empty: that of the Xen that was booted
  std::string other;               // a release; that model is asked instead of Xen
};

struct Bench_options {
  std::vector<unsigned> vcpus{1, 2, 4, 8, 16, 28};
  unsigned seeds = 3;
  std::string arguments;           // the guest's
  std::optional<std::string> xen;  // a release, or the path of a Xen
  std::optional<std::filesystem::path> json;
  std::optional<std::filesystem::path> compare;  // a file that was written before
  bool check = false;                            // a few counts, against the baseline in the tree
  bool accept = false;                           // they become the baseline
};

struct Soak_options {
  std::uint64_t minutes = 10;
  std::uint64_t from = 0;  // a seed; 0: where the last soak ended
};

struct Coverage_options {
  std::vector<std::string> folders{"guest"};
  unsigned at_least = 90;  // percent of the lines of each folder
};

}  // namespace enlighten::runner
