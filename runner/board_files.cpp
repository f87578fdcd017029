// SPDX-License-Identifier: MIT
// What starts a guest on a board instead of here: text for xl, and for ImageBuilder's uboot-script-gen.
#include <runner/board_files.hpp>

#include <fmt/format.h>

#include <runner/failure.hpp>
#include <runner/toolstack/xl_config.hpp>

namespace enlighten::runner {
namespace {

// As one word of a shell, for ImageBuilder reads its configuration as a script.
std::string shell_word(std::string_view text) {
  if (text.contains('\'') || text.contains('\n')) {
    throw Failure{"--args {}: ImageBuilder's configuration cannot hold a single quote, nor a line end", text};
  }
  return fmt::format("'{}'", text);
}

}  // namespace

std::string board_xl_config(const Domain& domain, std::string_view image) {
  return fmt::format(
      "# {0}, for xl on a board. Copy this file and {1} there, and in their folder, in dom0:\n"
      "#   xl create -c {0}.cfg\n"
      "{2}",
      domain.name, image, xl_config(domain, image));
}

std::string board_imagebuilder_config(const Domain& domain, std::string_view image) {
  return fmt::format(
      "# {0}, created by Xen as it boots, without a dom0: for ImageBuilder's uboot-script-gen\n"
      "# (gitlab.com/xen-project/imagebuilder). First the board's own: where its memory begins and ends, its "
      "device\n"
      "# tree, and Xen. Then, in the folder of these files:\n"
      "#   uboot-script-gen -c {0}.imagebuilder -d . -t tftp\n"
      "MEMORY_START=\"0x0\"\n"
      "MEMORY_END=\"0x80000000\"\n"
      "DEVICE_TREE=\"board.dtb\"\n"
      "XEN=\"xen\"\n"
      "XEN_CMD=\"console=dtuart dtuart=serial0 guest_loglvl=all\"\n"
      "UBOOT_SOURCE=\"boot.source\"\n"
      "UBOOT_SCRIPT=\"boot.scr\"\n"
      "\n"
      "NUM_DOMUS=1\n"
      "DOMU_KERNEL[0]={1}\n"
      "DOMU_MEM[0]={2}\n"
      "DOMU_VCPUS[0]={3}\n"
      "DOMU_CMD[0]={4}\n"
      "# The guest writes to Xen's console; it is told of Xen, and that there is no xenstore.\n"
      "DOMU_VPL011[0]=0\n"
      "DOMU_ENHANCED[0]=2\n",
      domain.name, shell_word(image), domain.memory_mib, domain.vcpus, shell_word(domain.arguments));
}

}  // namespace enlighten::runner
