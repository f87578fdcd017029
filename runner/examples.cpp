// SPDX-License-Identifier: MIT
// The programs that come with the source tree.
#include <runner/examples.hpp>

#include <algorithm>
#include <sstream>

#include <fmt/ranges.h>

#include <runner/build_tree.hpp>
#include <runner/failure.hpp>
#include <runner/places.hpp>

namespace enlighten::runner {
namespace {

// A program is a folder with a source of the same name.
std::optional<Program> program_in(const std::filesystem::path& folder) {
  const std::string name = folder.filename().string();
  const std::optional<std::string> text = read_file(folder / (name + ".cpp"));
  return text ? std::optional{Program{.name = name, .description = opening_sentence(*text)}} : std::nullopt;
}

std::vector<Program> programs_below(const std::filesystem::path& folder) {
  std::vector<Program> programs;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{folder, ignored}) {
    if (auto program = program_in(entry.path())) {
      programs.push_back(*std::move(program));
    }
  }
  std::ranges::sort(programs, {}, &Program::name);
  return programs;
}

}  // namespace

std::string opening_sentence(const std::string& source) {
  std::istringstream lines{source};
  std::string sentence;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("//")) {
      break;
    }
    const std::string_view text = std::string_view{line}.substr(line.starts_with("// ") ? 3 : 2);
    if (text.starts_with("SPDX-")) {
      continue;
    }
    if (text.empty()) {
      break;
    }
    sentence += sentence.empty() ? "" : " ";
    sentence += text;
    const std::size_t end = std::min(sentence.find(". "), sentence.find(": "));
    if (end != std::string::npos) {
      return sentence.substr(0, end);
    }
  }
  if (sentence.ends_with('.') || sentence.ends_with(':')) {
    sentence.pop_back();
  }
  return sentence;
}

std::vector<Program> example_programs(const std::filesystem::path& source_tree) {
  return programs_below(source_tree / "examples");
}

std::vector<Program> test_programs(const std::filesystem::path& source_tree) {
  return programs_below(source_tree / "tests" / "images");
}

std::filesystem::path example_image(const std::filesystem::path& build, const std::string& name) {
  return build / "examples" / name / (name + ".img");
}

std::filesystem::path test_image(const std::filesystem::path& build, const std::string& name) {
  return build / "tests" / name / (name + ".img");
}

std::filesystem::path find_image(const std::string& word) {
  std::error_code ignored;
  if (word.contains('/') || std::filesystem::is_regular_file(word, ignored)) {
    return word;
  }
  const auto tree = find_source_tree();
  if (!tree) {
    return word;
  }
  const auto examples = example_programs(*tree);
  const auto named = [&](const Program& program) { return program.name == word; };
  if (std::ranges::any_of(examples, named)) {
    Build_tree build = guest_build_tree("aarch64", Test_images::without);
    build.build({word});
    return example_image(build.folder(), word);
  }
  if (std::ranges::any_of(test_programs(*tree), named)) {
    Build_tree build = guest_build_tree("aarch64", Test_images::with);
    build.build({word});
    return test_image(build.folder(), word);
  }
  std::vector<std::string> names;
  std::ranges::transform(examples, std::back_inserter(names), &Program::name);
  throw Failure{"there is neither a file nor an example named {}; the examples are: {}", word,
                fmt::join(names, ", ")};
}

}  // namespace enlighten::runner
