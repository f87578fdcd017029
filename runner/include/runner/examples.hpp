// SPDX-License-Identifier: MIT
// The programs that come with the source tree.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace enlighten::runner {

struct Program {
  std::string name;
  std::string description;  // what its source says of itself in its first sentence
};

// The examples, and the images that only tests boot, by name.
[[nodiscard]] std::vector<Program> example_programs(const std::filesystem::path& source_tree);
[[nodiscard]] std::vector<Program> test_programs(const std::filesystem::path& source_tree);

// Where the preset puts the image of an example or a test program.
[[nodiscard]] std::filesystem::path example_image(const std::filesystem::path& build, const std::string& name);
[[nodiscard]] std::filesystem::path test_image(const std::filesystem::path& build, const std::string& name);

// The image meant by a word on the command line: a path if there is such a file, else an example, which is built
// first.
[[nodiscard]] std::filesystem::path find_image(const std::string& word);

// The first sentence of the comment a source file opens with.
[[nodiscard]] std::string opening_sentence(const std::string& source);

}  // namespace enlighten::runner
