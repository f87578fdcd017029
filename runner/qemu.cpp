// SPDX-License-Identifier: MIT
// QEMU: which one there is, and how it is asked for a machine.
#include <runner/qemu.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

Command machine_command(const Machine& machine, std::string_view extra) {
  const bool xen = machine.beneath == Beneath::xen;
  return {
      .words = {machine.counting ? machine.counting->qemu.string() : std::string{qemu_program}, "-machine",
                fmt::format("virt,gic-version={}{}{}{}", static_cast<unsigned>(machine.gic),
                            xen ? ",virtualization=on" : "", machine.counting ? ",dtb-randomness=off" : "", extra),
                // Of the 64-bit CPUs this one has no errata that Xen works around.
                "-cpu", "cortex-a53", "-smp", std::to_string(machine.cpus), "-m",
                std::to_string(machine.memory_mib), "-nic", "none", "-display", "none", "-monitor", "none"},
      .environment = {},
      .directory = {}};
}

void append(Command& command, std::initializer_list<std::string> words) {
  command.words.insert(command.words.end(), words);
}

// QEMU reads a comma inside an option's value when it is doubled.
std::string option_value(const std::filesystem::path& path) {
  std::string value;
  for (const char one : path.string()) {
    value += one == ',' ? ",," : std::string{one};
  }
  return value;
}

// One instruction is a nanosecond ("shift=0") of a clock that does not wait for the host's.
void add_counting(Command& command, const Counting& counting) {
  append(command, {"-icount", "shift=0,sleep=off", "-rtc", "base=2026-01-01,clock=vm", "-seed",
                   std::to_string(counting.seed), "-plugin",
                   fmt::format("file={},out={}", option_value(counting.plugin), option_value(counting.marks))});
}

void finish(Command& command, const std::optional<Debugger>& debugger) {
  // A guest that resets the machine has ended.
  append(command, {"-no-reboot", "-serial", "stdio"});
  if (debugger) {
    append(command, {"-S", "-gdb", fmt::format("tcp:127.0.0.1:{}", debugger->port)});
  }
}

}  // namespace

std::string qemu_version(const std::string& program) {
  if (!find_program(program)) {
    throw Failure{"{} is not installed; Debian has it in the package qemu-system-arm", program};
  }
  const Completed completed = run({.words = {program, "--version"}, .environment = {}, .directory = {}});
  constexpr std::string_view label = "version ";
  const std::size_t start = completed.output.find(label);
  if (start == std::string::npos) {
    throw Failure{"{} does not tell its version: {}", program, completed.last_words()};
  }
  const std::string version = completed.output.substr(start + label.size());
  return version.substr(0, version.find_first_not_of("0123456789."));
}

void write_machine_tree(const Machine& machine, const std::filesystem::path& file) {
  const Completed completed = run(machine_command(machine, ",dumpdtb=" + option_value(file)));
  if (!completed.status.success()) {
    throw Failure{"QEMU does not write down its machine; is there room on that disk? QEMU says: {}",
                  completed.last_words()};
  }
}

Command xen_command(const Machine& machine, const std::filesystem::path& xen, const std::filesystem::path& tree,
                    std::span<const Module> modules, const std::optional<Debugger>& debugger) {
  Command command = machine_command(machine, "");
  append(command, {"-dtb", tree.string(), "-kernel", xen.string()});
  for (const Module& module : modules) {
    append(command, {"-device", fmt::format("loader,file={},addr={:#x},force-raw=on", option_value(module.file),
                                            module.address)});
  }
  if (machine.counting) {
    add_counting(command, *machine.counting);
  }
  finish(command, debugger);
  return command;
}

Command bare_command(const Machine& machine, const Guest_image& guest, const std::string& arguments,
                     const std::optional<Debugger>& debugger) {
  Command command = machine_command(machine, "");
  append(command, {"-kernel", guest.path.string()});
  if (!arguments.empty()) {
    append(command, {"-append", arguments});
  }
  finish(command, debugger);
  return command;
}

std::uint64_t load_address(const Guest_image& guest, Beneath beneath) {
  constexpr std::uint64_t offset_without_size = 0x8'0000;
  constexpr std::uint64_t start_up_code = 0x1000;
  constexpr std::uint64_t alignment = 0x20'0000;
  if (beneath == Beneath::xen) {
    return memory_base + guest.header.text_offset;
  }
  if (guest.header.image_size == 0) {
    return memory_base + offset_without_size;
  }
  const bool room = guest.header.text_offset >= start_up_code;
  return memory_base + guest.header.text_offset + (room ? 0 : alignment);
}

std::uint16_t free_local_port() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  // The sockets interface takes every kind of address as this one.
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  const bool bound = listener >= 0 && bind(listener, any, length) == 0 && getsockname(listener, any, &length) == 0;
  if (listener >= 0) {
    close(listener);
  }
  if (!bound) {
    throw Failure{"no free port on 127.0.0.1 for the debugger"};
  }
  return ntohs(address.sin_port);
}

}  // namespace enlighten::runner
