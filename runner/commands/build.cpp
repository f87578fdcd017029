// SPDX-License-Identifier: MIT
// `enlighten build`: builds the guest images and says where they are.
#include <filesystem>

#include <fmt/format.h>

#include <runner/build_tree.hpp>
#include <runner/commands.hpp>
#include <runner/examples.hpp>
#include <runner/places.hpp>

namespace enlighten::runner {

int build_command() {
  Build_tree tree = guest_build_tree("aarch64", Test_images::without);
  tree.build();
  for (const Program& program : example_programs(source_tree())) {
    const auto image = example_image(tree.folder(), program.name);
    std::error_code error;
    const auto size = std::filesystem::file_size(image, error);
    if (!error) {
      fmt::print("{}  {} KiB\n", image.string(), (size + 1023) / 1024);
    }
  }
  return 0;
}

}  // namespace enlighten::runner
