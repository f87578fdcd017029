// SPDX-License-Identifier: MIT
// Which Xen the model is: what changed for guests between releases, and what no release does as its documents say.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace enlighten::model {

// Later ones compare greater.
enum class Release : std::uint8_t { v4_17, v4_18, v4_19, v4_20, v4_21, v4_22, master };

// As XENVER_version tells it: major << 16 | minor. master calls itself by the release to come.
[[nodiscard]] constexpr std::uint32_t version_number(Release release) noexcept {
  constexpr std::uint32_t major = 4;
  constexpr std::uint32_t first_minor = 17;
  return major << 16U | (first_minor + static_cast<std::uint32_t>(release));
}

// "4.17" to "4.22", or "master".
[[nodiscard]] constexpr std::optional<Release> release_named(std::string_view name) noexcept {
  constexpr std::string_view names[] = {"4.17", "4.18", "4.19", "4.20", "4.21", "4.22", "master"};
  for (std::size_t index = 0; index < std::size(names); ++index) {
    if (names[index] == name) {
      return static_cast<Release>(index);
    }
  }
  return std::nullopt;
}

// Where Xen departs from what its headers and documents promise. True: as Xen is; false: as specified.
struct Quirks {
  // An event sent to a vCPU without a FIFO control block is dropped, and nobody is told.
  bool loses_events_without_control_block = true;
  // What was pending in a word of the array before EVTCHNOP_reset is raised again, on whichever port has that
  // number by the time the array is grown anew.
  bool keeps_pending_over_reset = true;
  // CPU_ON takes Aff0 and Aff1 of its target and ignores the rest.
  bool ignores_high_affinity = true;
  // AFFINITY_INFO tells a vCPU that does not exist to be off.
  bool calls_absent_vcpus_off = true;
  // CPU_ON of a vCPU whose CPU_OFF is still under way succeeds, and the vCPU starts with context zero. PSCI has it
  // start with the context given, or CPU_ON refused.
  bool cpu_on_meets_cpu_off = true;
  // Since 4.18 any vCPU may register the vcpu_info of any other, online or not.
  bool registers_info_of_online_vcpus = true;
};

}  // namespace enlighten::model
