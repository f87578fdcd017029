// SPDX-License-Identifier: MIT
// `enlighten export`: writes what starts a guest on a board.
#include <filesystem>
#include <string>

#include <fmt/format.h>

#include <runner/board_files.hpp>
#include <runner/commands.hpp>
#include <runner/examples.hpp>
#include <runner/failure.hpp>
#include <runner/guest_plan.hpp>
#include <runner/places.hpp>

namespace enlighten::runner {

int export_command(const Export_options& options) {
  if (!options.xl_cfg && !options.imagebuilder) {
    throw Failure{"export: say what for, with --xl-cfg or --imagebuilder, or both"};
  }
  const Guest guest = plan_guest(options);
  // A board has a GICv3 or not, and as many processors as it has: what Xen itself allows is what can be checked
  // here.
  check_limits({.beneath = Beneath::xen, .gic = Gic::v3}, guest.domain, guest.image.extent());

  make_folder(options.folder);
  const std::string image = guest.domain.name + ".img";
  const auto copy = options.folder / image;
  std::error_code error;
  if (!std::filesystem::equivalent(guest.image.path, copy, error)) {
    std::filesystem::copy_file(guest.image.path, copy, std::filesystem::copy_options::overwrite_existing, error);
    if (error) {
      throw Failure{"{} cannot be copied to {}: {}", guest.image.path.string(), copy.string(), error.message()};
    }
  }
  fmt::print("{}\n", copy.string());
  const auto write = [&](const char* extension, const std::string& text) {
    const auto file = options.folder / (guest.domain.name + extension);
    write_whole_file(file, text);
    fmt::print("{}\n", file.string());
  };
  if (options.xl_cfg) {
    write(".cfg", board_xl_config(guest.domain, image));
  }
  if (options.imagebuilder) {
    write(".imagebuilder", board_imagebuilder_config(guest.domain, image));
  }
  return 0;
}

}  // namespace enlighten::runner
