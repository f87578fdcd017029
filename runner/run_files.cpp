// SPDX-License-Identifier: MIT
// The files one run leaves behind.
#include <runner/run_files.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>
#include <vector>

#include <fmt/chrono.h>
#include <unistd.h>

#include <runner/places.hpp>

namespace enlighten::runner {
namespace {

constexpr std::size_t kept_runs = 50;

void drop_old_runs(const std::filesystem::path& runs) {
  std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> folders;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{runs, ignored}) {
    folders.emplace_back(entry.last_write_time(ignored), entry.path());
  }
  std::ranges::sort(folders, std::greater{});
  for (std::size_t index = kept_runs; index < folders.size(); ++index) {
    std::filesystem::remove_all(folders[index].second, ignored);
  }
}

}  // namespace

Run_files Run_files::beside(const std::filesystem::path& report) {
  const auto folder = std::filesystem::absolute(report).parent_path();
  make_folder(folder);
  return Run_files{folder / (report.stem().string() + ".")};
}

Run_files Run_files::fresh(std::string_view image) {
  const auto tree = find_source_tree();
  const auto runs = (tree ? *tree / "build" : cache_folder()) / "runs";
  make_folder(runs);
  drop_old_runs(runs);
  const auto now = fmt::localtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
  const auto folder = runs / fmt::format("{}-{:%Y%m%d-%H%M%S}-{}", image, now, getpid());
  make_folder(folder);
  return Run_files{folder / ""};
}

std::filesystem::path Run_files::domain(std::string_view name) const {
  return file(std::string{name} + ".log");
}

std::filesystem::path Run_files::file(std::string_view end) const {
  std::filesystem::path path = start_;
  path += end;
  return path;
}

}  // namespace enlighten::runner
