// SPDX-License-Identifier: MIT
// `enlighten test`: builds everything with every compiler and runs every test.
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <report/verdict.hpp>

#include <runner/arm64_packages.hpp>
#include <runner/bench/counting_qemu.hpp>
#include <runner/build_tree.hpp>
#include <runner/commands.hpp>
#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/terminal.hpp>
#include <runner/test_counts.hpp>
#include <runner/toolstack/dom0_packages.hpp>
#include <runner/xen_package.hpp>

namespace enlighten::runner {
namespace {

struct Suite {
  std::string preset;
  std::string label;  // only tests with this label; empty: all
};

struct Suite_result {
  Test_counts counts;
  bool success = false;
};

Suite_result run_suite(const Suite& suite, const std::string& filter) {
  const auto folder = build_folder(suite.preset);
  const auto junit = folder / "tests.xml";
  std::filesystem::remove(junit);
  Command command{.words = {"ctest", "--test-dir", folder.string(), "--output-on-failure", "--no-tests=ignore",
                            "--parallel", std::to_string(std::max(std::thread::hardware_concurrency(), 1U)),
                            "--output-junit", junit.string()},
                  .environment = {{"ENLIGHTEN_COMMAND", std::filesystem::read_symlink("/proc/self/exe").string()},
                                  {"ENLIGHTEN_IMAGES", build_folder("aarch64").string()}},
                  .directory = {}};
  if (!suite.label.empty()) {
    command.words.insert(command.words.end(), {"--label-regex", suite.label});
  }
  if (filter.empty()) {
    command.words.insert(command.words.end(), {"--label-exclude", "^long$"});
  } else {
    command.words.insert(command.words.end(), {"--tests-regex", filter});
  }
  fmt::print("enlighten: tests of {}\n", suite.preset);
  const Exit_status status = run_in_view(command);
  if (!std::filesystem::exists(junit)) {
    if (status.success()) {
      return {.counts = {}, .success = true};  // the filter named none of this suite
    }
    throw Failure{"`{}` ended {}, without results", command.text(), status.text()};
  }
  return {.counts = read_test_counts(read_file(junit).value_or(std::string{})), .success = status.success()};
}

}  // namespace

int test_command(const std::string& filter) {
  // Everything that may need the network comes first.
  const Xen xen = find_xen({});
  static_cast<void>(fetch_dom0_packages(xen.release));
  static_cast<void>(find_counting_qemu());
  Build_tree host{"host-test"};
  host.configure({"ENLIGHTEN_ARM64_PACKAGES=" + arm64_packages_folder().string()});
  host.build();
  host.build({"dom0_programs"});
  guest_build_tree("aarch64", Test_images::with).build();
  guest_build_tree("aarch64-clang", Test_images::with).build();
  Build_tree checked{"host-clang"};
  checked.configure({});
  checked.build();
  Build_tree threads{"host-tsan"};
  threads.configure({});
  threads.build({"threads_tests"});

  Test_counts counts;
  bool success = true;
  for (const Suite& suite :
       {Suite{"host-test", ""}, Suite{"host-clang", "unit"}, Suite{"host-tsan", "unit-threads"}}) {
    const Suite_result result = run_suite(suite, filter);
    counts += result.counts;
    success = success && result.success;
  }
  if (counts.total() == 0) {
    throw Failure{"no test's name matches {}; `ctest --test-dir build/host-test -N` lists them", filter};
  }
  fmt::print("{}\n", counts.text());
  return report::exit_code(success && counts.failed == 0 ? report::Verdict::success : report::Verdict::failure);
}

}  // namespace enlighten::runner
