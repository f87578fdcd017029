// SPDX-License-Identifier: MIT
// A Linux with Xen's toolstack as the first domain, which creates the guests: what it is made of, and its machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <runner/console.hpp>
#include <runner/device_tree.hpp>
#include <runner/machine.hpp>
#include <runner/process.hpp>
#include <runner/toolstack/dom0_file.hpp>
#include <runner/toolstack/dom0_image.hpp>

namespace enlighten::runner {

struct Dom0 {
  Dom0_image image;
  std::uint64_t memory_mib = 512;
  std::vector<std::string> configs;   // xl's, one a guest
  std::optional<std::string> script;  // what dom0 runs once the guests are there
  bool shell = false;                 // one for the user, after that
  std::vector<Dom0_file> files;       // for script and shell
};

// Where a guest's image lies in dom0's file system; `guest` counts from 0.
[[nodiscard]] std::string dom0_image_path(std::size_t guest);

// What only this boot has, as an archive behind that of the image: the guests with their configurations, the
// script, and the files for it.
struct Guest_file {
  std::string name;
  std::filesystem::path image;
};
[[nodiscard]] std::string dom0_run_files(const Dom0& dom0, const std::vector<Guest_file>& guests);

// Kernel, image and `run_files` in the machine's memory.
[[nodiscard]] std::vector<Module> dom0_modules(const Dom0& dom0, const std::filesystem::path& run_files);

// How much memory the emulated machine needs for dom0 and the guests.
[[nodiscard]] std::uint64_t dom0_machine_memory_mib(const Dom0& dom0, std::vector<Domain> guests);

// Says what Xen boots dom0 from, and with how much memory.
[[nodiscard]] std::string dom0_xen_arguments(const Dom0& dom0);
void describe_dom0(Device_tree& tree, const std::vector<Module>& modules);

// Gives the machine a port for dom0's messages, one for each guest's console, and one for the shell if there is
// one, as channels of QEMU's in this order.
void add_dom0_ports(Command& qemu, const Dom0& dom0);
[[nodiscard]] std::size_t shell_channel(const Dom0& dom0) noexcept;

// The bytes of those channels made into lines.
class Dom0_console {
 public:
  explicit Dom0_console(std::size_t guests);

  [[nodiscard]] std::vector<Console_line> feed(std::size_t channel, std::string_view bytes);
  [[nodiscard]] std::vector<Console_line> finish();

 private:
  [[nodiscard]] static std::vector<Console_line> of_channel(std::size_t channel, std::vector<Console_line> lines);

  std::vector<Console> channels_;
};

}  // namespace enlighten::runner
