// SPDX-License-Identifier: MIT
// From what was asked for on the command line to a boot that can be started.
#include <runner/plan.hpp>

#include <fmt/format.h>

#include <runner/examples.hpp>
#include <runner/xen_package.hpp>

namespace enlighten::runner {

Boot plan_boot(const Run_options& options) {
  Guest_image guest = open_guest_image(find_image(options.what));
  Domain domain{.name = guest.name(),
                .vcpus = options.vcpus,
                .memory_mib = options.memory_mib,
                .arguments = options.arguments};
  Machine machine{
      .beneath = options.without_xen ? Beneath::nothing : Beneath::xen,
      .gic = static_cast<Gic>(options.gic),
      .cpus = options.without_xen ? options.vcpus : options.pcpus,
      .memory_mib = options.without_xen ? options.memory_mib : machine_memory_mib(domain, guest.extent())};
  check_limits(machine, domain, guest.extent());

  Boot boot{.guest = std::move(guest),
            .xen = {},
            .machine = machine,
            .domain = std::move(domain),
            .timeout = std::chrono::seconds{options.timeout_seconds},
            .debugger = {}};
  if (!options.without_xen) {
    boot.xen = find_xen(options.xen);
  }
  if (options.gdb) {
    // A person who looks at variables is not late.
    boot.timeout.reset();
    boot.debugger = Debugger{free_local_port()};
  }
  return boot;
}

std::string summary(const Boot& boot) {
  return fmt::format("{} with {} vCPU{} {}, GICv{}, {} MiB", boot.domain.name, boot.domain.vcpus,
                     boot.domain.vcpus == 1 ? "" : "s", boot.xen ? "on " + boot.xen->name() : "without Xen",
                     static_cast<unsigned>(boot.machine.gic), boot.domain.memory_mib);
}

std::string debugger_command(const Boot& boot, const Debugger& debugger) {
  const std::uint64_t address = load_address(boot.guest, boot.machine.beneath);
  Command command{.words = {"gdb-multiarch", "-ex", "set architecture aarch64", "-ex",
                            fmt::format("target remote 127.0.0.1:{}", debugger.port)},
                  .environment = {},
                  .directory = {}};
  const auto execute = [&](std::string text) {
    command.words.insert(command.words.end(), {"-ex", std::move(text)});
  };
  if (boot.guest.symbols) {
    execute(fmt::format("add-symbol-file {} -o {:#x}", std::filesystem::absolute(*boot.guest.symbols).string(),
                        address));
  }
  // In hardware, because the guest's memory is written after this.
  execute(fmt::format("thbreak *{:#x}", address));
  execute("continue");
  return command.text();
}

}  // namespace enlighten::runner
