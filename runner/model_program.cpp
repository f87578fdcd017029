// SPDX-License-Identifier: MIT
// Guests built for the host: programs that bring the model of Xen with them.
#include <runner/model_program.hpp>

#include <algorithm>
#include <iterator>

#include <fmt/ranges.h>
#include <unistd.h>

#include <runner/build_tree.hpp>
#include <runner/examples.hpp>
#include <runner/failure.hpp>
#include <runner/places.hpp>

namespace enlighten::runner {
namespace {

// [xen] arm/vgic.c, and the 256 MiB that the model has for a domain.
constexpr unsigned most_vcpus = 128;
constexpr unsigned most_vcpus_of_gic_2 = 8;
constexpr std::uint64_t least_memory_mib = 4;
constexpr std::uint64_t most_memory_mib = 224;

bool names(const std::vector<Program>& programs, const std::string& word) {
  return std::ranges::any_of(programs, [&](const Program& program) { return program.name == word; });
}

}  // namespace

std::filesystem::path find_model_program(const std::string& word) {
  if (word.contains('/')) {
    if (access(word.c_str(), X_OK) != 0) {
      throw Failure{"{} is no program of this host: a guest on the model is one that a host build makes", word};
    }
    return word;
  }
  const std::filesystem::path tree = source_tree();
  const std::vector<Program> examples = example_programs(tree);
  const char* const folder = names(examples, word)              ? "examples"
                             : names(test_programs(tree), word) ? "tests"
                                                                : nullptr;
  if (folder == nullptr) {
    std::vector<std::string> known;
    std::ranges::transform(examples, std::back_inserter(known), &Program::name);
    throw Failure{"there is no example named {}; the examples are: {}", word, fmt::join(known, ", ")};
  }
  Build_tree build{"model"};
  build.configure({});
  build.build({word});
  return build.folder() / folder / word / word;
}

namespace {

Command command_with(const std::filesystem::path& program, const Run_options& options, const char* seeds,
                     const std::string& value) {
  const unsigned most = options.gic == 2 ? most_vcpus_of_gic_2 : most_vcpus;
  if (options.vcpus == 0 || options.vcpus > most) {
    throw Failure{"--vcpus {}: a domain of the model has 1 to {} with GICv{}", options.vcpus, most, options.gic};
  }
  if (options.memory_mib < least_memory_mib || options.memory_mib > most_memory_mib) {
    throw Failure{"--memory {}: a domain of the model has {} to {} MiB", options.memory_mib, least_memory_mib,
                  most_memory_mib};
  }
  if (options.model.xenstored != "honest" && !options.under_xl) {
    throw Failure{"--xenstored {}: a guest that Xen makes has no xenstored; --toolstack xl makes one that has",
                  options.model.xenstored};
  }
  if (!options.more_guests.empty()) {
    throw Failure{"--model: one guest at a time runs on the model"};
  }
  return {.words = {program.string(),
                    "--vcpus",
                    std::to_string(options.vcpus),
                    "--memory",
                    std::to_string(options.memory_mib),
                    "--gic",
                    std::to_string(options.gic),
                    "--release",
                    options.model.release,
                    "--maker",
                    options.under_xl ? "xl" : "xen",
                    "--xenstored",
                    options.model.xenstored,
                    "--regions",
                    options.model.regions,
                    "--schedule",
                    options.model.schedule,
                    seeds,
                    value,
                    "--args",
                    options.arguments},
          .environment = {},
          .directory = {}};
}

}  // namespace

Command model_command(const std::filesystem::path& program, const Run_options& options, std::uint64_t seed) {
  return command_with(program, options, "--seed", std::to_string(seed));
}

Command model_rounds_command(const std::filesystem::path& program, const Run_options& options) {
  Command command = command_with(program, options, "--seeds", std::to_string(first_channel));
  command.channels = 1;
  return command;
}

}  // namespace enlighten::runner
