// SPDX-License-Identifier: MIT
// QEMU: which one there is, and how it is asked for a machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include <runner/image.hpp>
#include <runner/machine.hpp>
#include <runner/process.hpp>

namespace enlighten::runner {

inline constexpr std::string_view qemu_program = "qemu-system-aarch64";

// "7.2.22"
[[nodiscard]] std::string qemu_version(const std::string& program = std::string{qemu_program});

// Has QEMU write the device tree of `machine` to a file.
void write_machine_tree(const Machine& machine, const std::filesystem::path& file);

// A machine that stands still until a debugger connects to this port of the local host.
struct Debugger {
  std::uint16_t port;
};

// Xen started with `tree`, which describes the domains and says which module is whose.
[[nodiscard]] Command xen_command(const Machine& machine, const std::filesystem::path& xen,
                                  const std::filesystem::path& tree, std::span<const Module> modules,
                                  const std::optional<Debugger>& debugger);

// The guest's image started on the bare machine.
[[nodiscard]] Command bare_command(const Machine& machine, const Guest_image& guest, const std::string& arguments,
                                   const std::optional<Debugger>& debugger);

// Where the first instruction of the image will run: Xen adds the image's text_offset to the start of the domain's
// memory, QEMU to the first 2 MiB boundary that leaves room for its own start-up code.
[[nodiscard]] std::uint64_t load_address(const Guest_image& guest, Beneath beneath);

// A port nobody listens at.
[[nodiscard]] std::uint16_t free_local_port();

}  // namespace enlighten::runner
