// SPDX-License-Identifier: MIT
// What starts a guest on a board instead of here: text for xl, and for ImageBuilder's uboot-script-gen.
#pragma once

#include <string>
#include <string_view>

#include <runner/machine.hpp>

namespace enlighten::runner {

// `image` is the image's name beside the configuration, from where xl and ImageBuilder are called.
[[nodiscard]] std::string board_xl_config(const Domain& domain, std::string_view image);

// The part of ImageBuilder's config that is about the guest, with the board's own to be filled in.
[[nodiscard]] std::string board_imagebuilder_config(const Domain& domain, std::string_view image);

}  // namespace enlighten::runner
