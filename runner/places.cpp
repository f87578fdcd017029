// SPDX-License-Identifier: MIT
// Where things are: the source tree this command belongs to, its build folders, and the cache.
#include <runner/places.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

#include <unistd.h>

#include <runner/failure.hpp>

namespace enlighten::runner {

std::optional<std::filesystem::path> find_source_tree() {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  while (!error && folder.has_relative_path()) {
    if (std::filesystem::exists(folder / "CMakePresets.json", error) &&
        std::filesystem::exists(folder / "runner" / "include" / "runner", error)) {
      return folder;
    }
    folder = folder.parent_path();
  }
  return std::nullopt;
}

std::filesystem::path source_tree() {
  if (auto folder = find_source_tree()) {
    return *std::move(folder);
  }
  throw Failure{"this needs the source tree of Enlighten; run ./enlighten in a clone of it"};
}

std::filesystem::path build_folder(std::string_view preset) {
  return source_tree() / "build" / preset;
}

std::filesystem::path cache_folder() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  std::filesystem::path folder;
  if (cache != nullptr && *cache == '/') {
    folder = cache;
  } else if (home != nullptr && *home == '/') {
    folder = std::filesystem::path{home} / ".cache";
  } else {
    throw Failure{"neither XDG_CACHE_HOME nor HOME names a folder for the cache; set one of them"};
  }
  folder /= "enlighten";
  make_folder(folder);
  return folder;
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file{path};
  if (!file) {
    return std::nullopt;
  }
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_whole_file(const std::filesystem::path& path, std::string_view contents) {
  std::filesystem::path unfinished = path;
  unfinished += fmt::format(".{}", getpid());  // another run may be writing the same
  std::ofstream file{unfinished, std::ios::binary};
  file << contents;
  std::error_code error;
  if (file.close(); file) {
    std::filesystem::rename(unfinished, path, error);
  }
  if (!file || error) {
    std::error_code ignored;
    std::filesystem::remove(unfinished, ignored);
    throw Failure{"{} cannot be written; is there room on that disk?", path.string()};
  }
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw Failure{"the folder {} cannot be made: {}", folder.string(), error.message()};
  }
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file{path, std::ios::binary};
  file << text;
  if (!file.flush()) {
    throw Failure{"{} cannot be written; is there room on that disk, and are you allowed to?", path.string()};
  }
}

}  // namespace enlighten::runner
