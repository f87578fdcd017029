// SPDX-License-Identifier: MIT
// `enlighten coverage`: which lines and branches of a folder its tests run on the host.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <report/verdict.hpp>

#include <runner/build_tree.hpp>
#include <runner/commands.hpp>
#include <runner/coverage.hpp>
#include <runner/coverage_report.hpp>
#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/terminal.hpp>
#include <runner/test_programs.hpp>

namespace enlighten::runner {
namespace {

constexpr unsigned percent_of_source = 80;

std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder, std::string_view extension) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::exists(folder)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
      if (entry.path().extension() == extension) {
        files.push_back(entry.path());
      }
    }
  }
  return files;
}

// What ran says its counts; what was built into the folders' libraries and linked into no program has none.
std::vector<std::filesystem::path> counted_files(const std::filesystem::path& build,
                                                 const std::vector<std::string>& folders) {
  std::vector<std::filesystem::path> files = files_below(build, ".gcda");
  for (const std::string& folder : folders) {
    for (const std::filesystem::path& notes : files_below(build / folder, ".gcno")) {
      const bool in_library = notes.string().find("/CMakeFiles/enlighten_") != std::string::npos;
      if (in_library && !std::filesystem::exists(std::filesystem::path{notes}.replace_extension(".gcda"))) {
        files.push_back(notes);
      }
    }
  }
  return files;
}

std::vector<Test_program> programs_of(Build_tree& tree, const std::vector<std::string>& folders) {
  tree.build({"build.ninja"});  // the list is as new as the sources
  const std::string list = read_file(tree.folder() / "test-programs.txt").value_or(std::string{});
  const std::vector<Test_program> all = read_test_programs(list);
  for (const std::string& folder : folders) {
    const bool tested =
        std::ranges::any_of(all, [&](const Test_program& program) { return program.tests(folder); });
    if (!tested || !std::filesystem::is_directory(source_tree() / folder)) {
      throw Failure{"{} is no folder of this tree that a test program of the host was written for", folder};
    }
  }
  std::vector<Test_program> chosen;
  std::ranges::copy_if(all, std::back_inserter(chosen), [&](const Test_program& program) {
    return std::ranges::any_of(folders, [&](const std::string& folder) { return program.tests(folder); });
  });
  return chosen;
}

bool run_tests(const std::vector<Test_program>& programs, const std::filesystem::path& build) {
  for (const std::filesystem::path& counts : files_below(build, ".gcda")) {
    std::filesystem::remove(counts);
  }
  bool passed = true;
  for (const Test_program& program : programs) {
    Step step{fmt::format("running {}", program.target)};
    const Completed completed = step.run({.words = {program.path}, .environment = {}, .directory = build});
    if (completed.status.success()) {
      step.done();
      continue;
    }
    fmt::print("{}{}enlighten: {} ended {}\n", completed.output, completed.error, program.target,
               completed.status.text());
    passed = false;
  }
  return passed;
}

Coverage count_lines(const std::filesystem::path& build, const std::vector<std::string>& folders) {
  const std::string tree = source_tree().string();
  Command command{.words = {"gcov-12", "--json-format", "--stdout", "--branch-probabilities", "--relative-only",
                            "--source-prefix", tree},
                  .environment = {},
                  .directory = build};
  for (const std::filesystem::path& file : counted_files(build, folders)) {
    command.words.push_back(file.string());
  }
  const Completed completed = run(command);
  if (!completed.status.success()) {
    throw Failure{"gcov-12 ended {}: {}", completed.status.text(), completed.last_words()};
  }
  Coverage coverage{tree};
  coverage.add(completed.output);
  return coverage;
}

}  // namespace

int coverage_command(const Coverage_options& options) {
  Build_tree tree{"host-coverage"};
  tree.configure({});
  const std::vector<Test_program> programs = programs_of(tree, options.folders);
  std::vector<std::string> targets;
  targets.reserve(programs.size());
  for (const Test_program& program : programs) {
    targets.push_back(program.target);
  }
  tree.build(targets);
  bool success = run_tests(programs, tree.folder());
  const Coverage coverage = count_lines(tree.folder(), options.folders);

  std::vector<Folder_coverage> folders;
  std::string uncovered;
  for (const std::string& name : options.folders) {
    auto sources = coverage.sources(name);
    auto not_built = sources_not_built(source_tree(), name, sources);
    const Folder_coverage& folder = folders.emplace_back(
        Folder_coverage{.folder = name, .sources = std::move(sources), .not_built = std::move(not_built)});
    uncovered += uncovered_lines(source_tree(), folder);
    fmt::print("{}", coverage_table(folder));
    for (const std::string& path : folder.not_built) {
      fmt::print("{:>40}  {} is not compiled for the host\n", "", path);
    }
    const Coverage_judgement judgement = judge_coverage(folder, options.at_least, percent_of_source);
    for (const std::string& complaint : judgement.complaints) {
      fmt::print("enlighten: {}\n", complaint);
    }
    success = success && judgement.enough;
  }
  const auto output = source_tree() / "build" / "coverage";
  make_folder(output);
  write_file(output / "coverage.json", coverage_json(folders));
  write_file(output / "uncovered.txt", uncovered);
  fmt::print("enlighten: every line that was not run: {}; as JSON: {}\n", (output / "uncovered.txt").string(),
             (output / "coverage.json").string());
  return report::exit_code(success ? report::Verdict::success : report::Verdict::failure);
}

}  // namespace enlighten::runner
