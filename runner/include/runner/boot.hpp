// SPDX-License-Identifier: MIT
// One boot of one machine: from QEMU's start until the guest, Xen, QEMU or the clock ends it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <runner/console.hpp>
#include <runner/image.hpp>
#include <runner/machine.hpp>
#include <runner/qemu.hpp>
#include <runner/run_files.hpp>
#include <runner/watch.hpp>
#include <runner/xen_package.hpp>

namespace enlighten::runner {

struct Boot {
  Guest_image guest;
  std::optional<Xen> xen;  // none: the guest runs on the bare machine
  Machine machine;
  Domain domain;
  std::optional<std::chrono::seconds> timeout;
  std::optional<Debugger> debugger;
};

enum class Boot_ending : std::uint8_t {
  over,         // the watch has seen the end
  machine_off,  // QEMU ended by itself
  timed_out,
};

struct Boot_result {
  Boot_ending ending;
  Exit_status qemu;        // when QEMU ended by itself
  std::string qemu_words;  // its last message
};

// What is done with each line as it comes.
using Line_shown = std::function<void(const Console_line&)>;

// QEMU's command for a boot; writes the device tree it needs.
[[nodiscard]] Command boot_command(const Boot& boot, const Run_files& files);

// Runs it, keeps the logs, and returns when it is over; `watch` has then read everything. QEMU has ended when this
// returns, and also when it throws.
[[nodiscard]] Boot_result run_boot(const Boot& boot, const Command& command, const Run_files& files, Watch& watch,
                                   const Line_shown& show);

}  // namespace enlighten::runner
