// SPDX-License-Identifier: MIT
// From what was asked for on the command line to a boot that can be started.
#include <runner/plan.hpp>

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <runner/failure.hpp>
#include <runner/guest_plan.hpp>
#include <runner/places.hpp>
#include <runner/toolstack/dom0_packages.hpp>
#include <runner/toolstack/xl_config.hpp>
#include <runner/xen_package.hpp>

namespace enlighten::runner {
namespace {

std::string read_text(const std::filesystem::path& path, std::string_view option) {
  auto text = read_file(path);
  if (!text) {
    throw Failure{"{} {}: it cannot be read", option, path.string()};
  }
  return *std::move(text);
}

const Guest_options& options_of(const Run_options& options, std::size_t guest) {
  return guest == 0 ? options : options.more_guests[guest - 1];
}

// Of a configuration of the user's own, vCPUs and memory become what is known of the guest.
std::string plan_config(const Guest_options& options, Guest& guest, std::size_t index) {
  if (!options.xl_config) {
    return xl_config(guest.domain, dom0_image_path(index));
  }
  const std::string own = read_text(*options.xl_config, "--xl-config");
  guest.domain.vcpus = static_cast<unsigned>(xl_number(own, "vcpus").value_or(1));
  guest.domain.memory_mib = xl_number(own, "memory").value_or(guest.domain.memory_mib);
  return adapt_xl_config(own, guest.domain, dom0_image_path(index));
}

Dom0 plan_dom0(const Run_options& options, std::vector<Guest>& guests, const Xen& xen) {
  if (xen.release.empty()) {
    throw Failure{
        "--toolstack xl: xl must be of the same release as Xen, and there is none for {}; give a release of "
        "Debian's "
        "with --xen, such as 4.17",
        xen.path.string()};
  }
  Dom0 dom0{.image = find_dom0_image(fetch_dom0_packages(xen.release)),
            .configs = {},
            .script = {},
            .shell = options.dom0_shell,
            .files = plan_dom0_files(options.dom0_files)};
  std::uint64_t bytes = 0;
  for (std::size_t index = 0; index < guests.size(); ++index) {
    dom0.configs.push_back(plan_config(options_of(options, index), guests[index], index));
    bytes += guests[index].image.file_size;
  }
  for (const Dom0_file& file : dom0.files) {
    bytes += file.bytes;
  }
  // Twice: once in the archive that Linux unpacks, once unpacked.
  dom0.memory_mib += bytes * 2 >> 20U;
  if (options.dom0_run) {
    dom0.script = read_text(*options.dom0_run, "--dom0-run");
  }
  return dom0;
}

void check_toolstack(const Run_options& options, const Boot& boot) {
  if (!options.under_xl) {
    for (std::size_t index = 0; index < boot.guests.size(); ++index) {
      const Guest_options& guest = options_of(options, index);
      if (guest.xl_config) {
        throw Failure{"--xl-config {}: it is for xl, so --toolstack xl must be there, too",
                      guest.xl_config->string()};
      }
    }
  } else if (options.without_xen || options.gdb) {
    throw Failure{"--toolstack xl does not go with {}", options.gdb ? "--gdb" : "--no-xen"};
  } else if (!boot.channels.empty()) {
    throw Failure{"--event-channel: channels that are there from the start are made by Xen as it boots, not by xl"};
  }
}

void check_number_of_guests(const Run_options& options, const std::vector<Guest>& guests) {
  if (guests.size() == 1) {
    return;
  }
  if (options.without_xen) {
    throw Failure{"--no-xen: without Xen there is one guest, not {}", guests.size()};
  }
  if (options.gdb) {
    throw Failure{
        "--gdb: a debugger sees the processors, where now one guest runs and now another; debug one alone"};
  }
}

}  // namespace

Boot plan_boot(const Run_options& options) {
  Boot boot{.guests = plan_guests(options),
            .channels = {},
            .xen = {},
            .xen_arguments = options.xen_arguments,
            .dom0 = {},
            .machine = {.beneath = options.without_xen ? Beneath::nothing : Beneath::xen,
                        .gic = static_cast<Gic>(options.gic),
                        .cpus = options.without_xen ? options.vcpus : options.pcpus,
                        .memory_mib = options.memory_mib},
            .timeout = std::chrono::seconds{options.timeout_seconds},
            .debugger = {}};
  check_number_of_guests(options, boot.guests);
  boot.channels = plan_channels(options, boot.guests);
  check_toolstack(options, boot);
  if (options.under_xl) {
    boot.xen = find_xen(options.xen);
    boot.dom0 = plan_dom0(options, boot.guests, *boot.xen);
    boot.machine.memory_mib = dom0_machine_memory_mib(*boot.dom0, domains_of(boot.guests));
  } else if (!options.without_xen) {
    const Module last = modules_of(boot.guests).back();
    boot.machine.memory_mib = machine_memory_mib(
        domains_of(boot.guests), last.address + std::max(last.bytes, boot.guests.back().image.extent()));
  }
  check_limits(boot.machine);
  for (std::size_t index = 0; index < boot.guests.size(); ++index) {
    // Of a configuration that is the user's, xl is the judge.
    if (const Guest& guest = boot.guests[index]; !options_of(options, index).xl_config) {
      check_limits(boot.machine, guest.domain, guest.image.extent());
    }
  }
  if (!options.without_xen && !boot.xen) {
    boot.xen = find_xen(options.xen);
  }
  if (options.gdb || options.dom0_shell) {
    // A person who looks at variables is not late.
    boot.timeout.reset();
  }
  if (options.gdb) {
    boot.debugger = Debugger{free_local_port()};
  }
  return boot;
}

std::string summary(const Boot& boot) {
  std::vector<std::string> guests;
  std::vector<std::string> memory;
  for (const Guest& guest : boot.guests) {
    guests.push_back(fmt::format("{} with {} vCPU{}", guest.domain.name, guest.domain.vcpus,
                                 guest.domain.vcpus == 1 ? "" : "s"));
    memory.push_back(std::to_string(guest.domain.memory_mib));
  }
  return fmt::format("{} {}, GICv{}, {} MiB", fmt::join(guests, " and "),
                     boot.xen ? (boot.dom0 ? "made by xl on " : "on ") + boot.xen->name() : "without Xen",
                     static_cast<unsigned>(boot.machine.gic), fmt::join(memory, " + "));
}

std::string debugger_command(const Boot& boot, const Debugger& debugger) {
  const Guest_image& image = boot.guests.front().image;
  const std::uint64_t address = load_address(image, boot.machine.beneath);
  Command command{.words = {"gdb-multiarch", "-ex", "set architecture aarch64", "-ex",
                            fmt::format("target remote 127.0.0.1:{}", debugger.port)},
                  .environment = {},
                  .directory = {}};
  const auto execute = [&](std::string text) {
    command.words.insert(command.words.end(), {"-ex", std::move(text)});
  };
  if (image.symbols) {
    execute(
        fmt::format("add-symbol-file {} -o {:#x}", std::filesystem::absolute(*image.symbols).string(), address));
  }
  // In hardware, because the guest's memory is written after this.
  execute(fmt::format("thbreak *{:#x}", address));
  execute("continue");
  return command.text();
}

}  // namespace enlighten::runner
