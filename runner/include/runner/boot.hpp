// SPDX-License-Identifier: MIT
// One boot of one machine: from QEMU's start until the guests, Xen, QEMU or the clock ends it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <runner/console.hpp>
#include <runner/image.hpp>
#include <runner/machine.hpp>
#include <runner/qemu.hpp>
#include <runner/run_files.hpp>
#include <runner/toolstack/dom0.hpp>
#include <runner/watch.hpp>
#include <runner/xen_package.hpp>

namespace enlighten::runner {

struct Guest {
  Guest_image image;
  Domain domain;
};

struct Boot {
  std::vector<Guest> guests;            // in the order in which Xen creates them
  std::vector<Event_channel> channels;  // between them, from the start
  std::optional<Xen> xen;               // none: the one guest there is runs on the bare machine
  std::string xen_arguments;            // beside those every boot has
  std::optional<Dom0> dom0;             // creates the guests; none: Xen does
  Machine machine;
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
// Whether a line is somebody's who has taken it: then it is neither logged, nor watched, nor shown.
using Line_taken = std::function<bool(const Console_line&)>;

[[nodiscard]] std::vector<Domain> domains_of(const std::vector<Guest>& guests);
// Where each guest's image lies in the machine's memory, for Xen.
[[nodiscard]] std::vector<Module> modules_of(const std::vector<Guest>& guests);

// QEMU's command for a boot; writes the device tree it needs.
[[nodiscard]] Command boot_command(const Boot& boot, const Run_files& files);

// Runs it, keeps the logs, and returns when it is over; `watch` has then read everything. QEMU has ended when this
// returns, and also when it throws.
[[nodiscard]] Boot_result run_boot(const Boot& boot, const Command& command, const Run_files& files, Watch& watch,
                                   const Line_shown& show, const Line_taken& taken = {});

}  // namespace enlighten::runner
