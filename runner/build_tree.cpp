// SPDX-License-Identifier: MIT
// The build folders of the source tree: configured when they must be, built, and only one process in each at a
// time.
#include <runner/build_tree.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <fmt/ranges.h>

#include <runner/arm64_packages.hpp>
#include <runner/failure.hpp>
#include <runner/file_lock.hpp>
#include <runner/places.hpp>
#include <runner/terminal.hpp>

namespace enlighten::runner {
namespace {

constexpr const char* definitions_file = "definitions.txt";

// What is left of a build's output when the lines that count its steps are taken away.
std::string without_progress(const std::string& output) {
  std::string rest;
  std::istringstream lines{output};
  for (std::string line; std::getline(lines, line);) {
    const bool counted = line.starts_with('[') && line.find_first_not_of("0123456789/", 1) == line.find("] ");
    if (!counted) {
      rest += line + '\n';
    }
  }
  return rest;
}

void run_tool(const std::string& doing, const Command& command) {
  Step step{doing};
  const Completed completed = step.run(command);
  if (!completed.status.success()) {
    fmt::print(stderr, "\n{}{}\n", without_progress(completed.output), completed.error);
    throw Failure{"{} failed: `{}` ended {}; its messages are above", doing, command.text(),
                  completed.status.text()};
  }
  step.done();
}

void require(std::string_view program, std::string_view package) {
  if (!find_program(program)) {
    throw Failure{"{} is not installed; ./enlighten installs it, or as root: apt-get install {}", program, package};
  }
}

}  // namespace

Build_tree::Build_tree(std::string preset) : preset_{std::move(preset)}, folder_{build_folder(preset_)} {
  require("cmake", "cmake");
  require("ninja", "ninja-build");
}

bool Build_tree::configured_with(const std::vector<std::string>& definitions) const {
  if (!std::filesystem::exists(folder_ / "build.ninja")) {
    return false;
  }
  std::vector<std::string> known;
  std::ifstream file{folder_ / definitions_file};
  for (std::string line; std::getline(file, line);) {
    known.push_back(line);
  }
  return std::ranges::all_of(definitions, [&](const std::string& definition) {
    return std::ranges::find(known, definition) != known.end();
  });
}

void Build_tree::configure(const std::vector<std::string>& definitions) {
  make_folder(folder_);
  const File_lock held{folder_ / "lock"};
  if (configured_with(definitions)) {
    return;
  }
  Command command{.words = {"cmake", "-S", source_tree().string(), "--preset", preset_},
                  .environment = {},
                  .directory = source_tree()};
  for (const std::string& definition : definitions) {
    command.words.push_back("-D" + definition);
  }
  run_tool(fmt::format("configuring {}", preset_), command);
  std::ofstream file{folder_ / definitions_file};
  for (const std::string& definition : definitions) {
    file << definition << '\n';
  }
}

void Build_tree::build(const std::vector<std::string>& targets) {
  const File_lock held{folder_ / "lock"};
  Command command{.words = {"ninja", "-C", folder_.string()}, .environment = {}, .directory = {}};
  command.words.insert(command.words.end(), targets.begin(), targets.end());
  run_tool(targets.empty() ? fmt::format("building {}", preset_)
                           : fmt::format("building {} ({})", fmt::join(targets, ", "), preset_),
           command);
}

Build_tree guest_build_tree(const std::string& preset, Test_images tests) {
  Build_tree tree{preset};
  std::vector<std::string> definitions{"ENLIGHTEN_ARM64_ROOT=" + guest_library_root().string()};
  if (tests == Test_images::with) {
    definitions.emplace_back("ENLIGHTEN_TESTS=ON");
  }
  tree.configure(definitions);
  return tree;
}

}  // namespace enlighten::runner
