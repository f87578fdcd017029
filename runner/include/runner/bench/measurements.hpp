// SPDX-License-Identifier: MIT
// Figures of several boots together: how they are shown, kept, and compared.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <runner/bench/marks.hpp>

namespace enlighten::runner {

struct Measurement {
  unsigned vcpus = 0;
  std::string name;
  std::string what;
  double least = 0;
  double median = 0;
  double most = 0;
  bool repeats = true;  // two boots of the same seed gave the same
};

// Of boots with one number of vCPUs, the first two of which had the same seed.
[[nodiscard]] std::vector<Measurement> summarise(unsigned vcpus, const std::vector<std::vector<Figure>>& boots);

// A table for people.
[[nodiscard]] std::string as_table(const std::vector<Measurement>& measurements);

// With what they were measured.
struct Bench_report {
  std::string xen;
  std::string qemu;
  std::vector<Measurement> measurements;
};
[[nodiscard]] std::string as_json(const Bench_report& report);
// Throws Failure, which names `origin`, for what as_json() did not write.
[[nodiscard]] Bench_report read_bench_report(const std::string& json, const std::filesystem::path& origin);

// What changed by more than `percent`, and what only one of both has; a line each.
struct Comparison {
  std::vector<std::string> changed;
  std::size_t risen = 0;
};
[[nodiscard]] Comparison compare(const Bench_report& before, const Bench_report& now, double percent);

}  // namespace enlighten::runner
