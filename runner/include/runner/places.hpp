// SPDX-License-Identifier: MIT
// Where things are: the source tree this command belongs to, its build folders, and the cache.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace enlighten::runner {

// The source tree around the running command; nothing for a command that was installed somewhere else.
[[nodiscard]] std::optional<std::filesystem::path> find_source_tree();
// The same, for a subcommand that cannot do without.
[[nodiscard]] std::filesystem::path source_tree();

// The build folder of a preset.
[[nodiscard]] std::filesystem::path build_folder(std::string_view preset);

// $XDG_CACHE_HOME/enlighten, or ~/.cache/enlighten; made when it is missing.
[[nodiscard]] std::filesystem::path cache_folder();

// What is in a file; nothing if it cannot be read.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path);
// In place of what was there.
void write_file(const std::filesystem::path& path, const std::string& text);

// Writes a file that appears complete or not at all; throws Failure when there is no room.
void write_whole_file(const std::filesystem::path& path, std::string_view contents);

// Makes a folder with all above it.
void make_folder(const std::filesystem::path& folder);

}  // namespace enlighten::runner
