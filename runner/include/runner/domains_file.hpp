// SPDX-License-Identifier: MIT
// The guests of a run, from a TOML file in place of the command line.
#pragma once

#include <filesystem>
#include <vector>

#include <runner/options.hpp>

namespace enlighten::runner {

// One [[domain]] after the other; what a domain leaves out is as on the command line. Paths are relative to the
// file's folder. Throws Failure with file, line and key for what is no TOML, for a key that is not known, for a
// value of a wrong type or size, and for a file without a domain.
[[nodiscard]] std::vector<Guest_options> read_domains_file(const std::filesystem::path& path);

}  // namespace enlighten::runner
