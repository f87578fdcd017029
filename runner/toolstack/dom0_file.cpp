// SPDX-License-Identifier: MIT
// A file of the user's that dom0 has in this run, such as a program that its script starts.
#include <runner/toolstack/dom0_file.hpp>

#include <algorithm>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

// Links are followed. What is neither file nor folder, such as a pipe, might be read for ever.
Dom0_file plan_dom0_file(const std::filesystem::path& path) {
  using std::filesystem::perms;
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw Failure{"--dom0-file {}: there is no such file", path.string()};
  }
  if (std::filesystem::is_directory(status)) {
    throw Failure{"--dom0-file {}: it is a folder; name its files one by one", path.string()};
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw Failure{"--dom0-file {}: it is not a file that could be copied", path.string()};
  }
  constexpr perms anybody = perms::owner_exec | perms::group_exec | perms::others_exec;
  return {.file = path,
          .name = path.filename().string(),
          .executable = (status.permissions() & anybody) != perms::none,
          .bytes = std::filesystem::file_size(path)};
}

}  // namespace

std::vector<Dom0_file> plan_dom0_files(const std::vector<std::filesystem::path>& paths) {
  std::vector<Dom0_file> files;
  for (const std::filesystem::path& path : paths) {
    Dom0_file file = plan_dom0_file(path);
    if (const auto same = std::ranges::find(files, file.name, &Dom0_file::name); same != files.end()) {
      throw Failure{"--dom0-file {}: dom0 has {} already, from {}", path.string(), file.name, same->file.string()};
    }
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace enlighten::runner
