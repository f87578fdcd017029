// SPDX-License-Identifier: MIT
// The limits of the emulated machine and of the domains on it.
#include <runner/machine.hpp>

#include <algorithm>
#include <fstream>
#include <limits>
#include <numeric>
#include <string_view>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
constexpr std::uint64_t module_alignment = 2 * mib;
constexpr std::uint64_t smallest_machine_mib = 1024;
constexpr std::uint64_t room_for_xen_mib = 512;
// Xen rounds the guest's device tree to 2 MiB and places it in 2 MiB of its own beside the image.
constexpr std::uint64_t room_for_device_tree_mib = 4;
// The emulated CPU has 40 bits of address, of which virt gives the lower 256 GiB to memory.
constexpr std::uint64_t largest_machine_mib = std::uint64_t{255} * 1024;

constexpr unsigned gic_v2_cpus = 8;
constexpr std::string_view gic_v2_reason = "a GICv2 can address no more; --gic 3 allows more";
constexpr unsigned xen_vcpus = 128;
constexpr unsigned xen_pcpus = 128;
constexpr unsigned qemu_cpus = 512;

void check_count(std::string_view option, unsigned count, unsigned limit, std::string_view reason) {
  if (count == 0) {
    throw Failure{"{} 0: at least one is needed", option};
  }
  if (count > limit) {
    throw Failure{"{} {}: at most {} are possible, {}", option, count, limit, reason};
  }
}

}  // namespace

std::uint64_t address_behind(const Module& module) noexcept {
  return (module.address + module.bytes + module_alignment - 1) / module_alignment * module_alignment;
}

std::uint64_t machine_memory_mib(std::span<const Domain> domains, std::uint64_t modules_end) {
  const std::uint64_t memory_mib =
      std::accumulate(domains.begin(), domains.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const Domain& domain) { return sum + domain.memory_mib; });
  return std::max({smallest_machine_mib, memory_mib + memory_mib / 32 + room_for_xen_mib,
                   (modules_end - memory_base) / mib + 1 + room_for_xen_mib});
}

std::uint64_t available_host_memory_mib() {
  std::ifstream file{"/proc/meminfo"};
  std::string word;
  while (file >> word) {
    std::uint64_t kib = 0;
    if (word == "MemAvailable:" && file >> kib) {
      return kib / 1024;
    }
  }
  return std::numeric_limits<std::uint64_t>::max();
}

void check_limits(const Machine& machine) {
  if (machine.gic == Gic::v2) {
    check_count("--pcpus", machine.cpus, gic_v2_cpus, gic_v2_reason);
  } else if (machine.beneath == Beneath::xen) {
    check_count("--pcpus", machine.cpus, xen_pcpus, "Debian's Xen uses no more (CONFIG_NR_CPUS)");
  }
  if (machine.memory_mib > largest_machine_mib) {
    throw Failure{"--memory: the emulated machine would need {} MiB, and QEMU's virt machine ends at {} MiB",
                  machine.memory_mib, largest_machine_mib};
  }
  if (const std::uint64_t available = available_host_memory_mib(); machine.memory_mib > available) {
    throw Failure{"--memory: the emulated machine would need {} MiB, and this host has {} MiB left",
                  machine.memory_mib, available};
  }
}

void check_limits(const Machine& machine, const Domain& domain, std::uint64_t image_bytes) {
  if (machine.gic == Gic::v2) {
    check_count("--vcpus", domain.vcpus, gic_v2_cpus, gic_v2_reason);
  } else if (machine.beneath == Beneath::xen) {
    check_count("--vcpus", domain.vcpus, xen_vcpus, "Xen gives an arm64 domain no more (MAX_VIRT_CPUS)");
  } else {
    check_count("--vcpus", domain.vcpus, qemu_cpus, "QEMU's virt machine has no more");
  }

  const std::uint64_t needed_mib = (image_bytes + mib - 1) / mib + room_for_device_tree_mib;
  if (domain.memory_mib < needed_mib) {
    throw Failure{"--memory {}: the image takes {} KiB and its device tree up to {} MiB; give at least {} MiB",
                  domain.memory_mib, (image_bytes + 1023) / 1024, room_for_device_tree_mib, needed_mib};
  }
}

}  // namespace enlighten::runner
