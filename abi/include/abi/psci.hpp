// SPDX-License-Identifier: MIT
// Turning processors and the machine on and off: PSCI's function ids and results ([psci] 5).
#pragma once

#include <cstdint>

#include <base/text_table.hpp>

namespace enlighten::abi {

// The 32-bit convention takes and returns 32 bits, the 64-bit one exists only for a 64-bit caller ([smccc] 2.5).
enum class Psci_function : std::uint32_t {
  version = 0x84000000,  // returns major << 16 | minor
  cpu_suspend = 0x84000001,
  cpu_off = 0x84000002,
  cpu_on = 0x84000003,
  affinity_info = 0x84000004,
  migrate = 0x84000005,
  migrate_info_type = 0x84000006,
  migrate_info_up_cpu = 0x84000007,
  system_off = 0x84000008,
  system_reset = 0x84000009,
  features = 0x8400000a,
  cpu_freeze = 0x8400000b,
  cpu_default_suspend = 0x8400000c,
  node_hw_state = 0x8400000d,
  system_suspend = 0x8400000e,
  set_suspend_mode = 0x8400000f,
  stat_residency = 0x84000010,
  stat_count = 0x84000011,
  system_reset2 = 0x84000012,

  cpu_suspend_64 = 0xc4000001,
  cpu_on_64 = 0xc4000003,
  affinity_info_64 = 0xc4000004,
  migrate_64 = 0xc4000005,
  migrate_info_up_cpu_64 = 0xc4000007,
  cpu_default_suspend_64 = 0xc400000c,
  node_hw_state_64 = 0xc400000d,
  system_suspend_64 = 0xc400000e,
  stat_residency_64 = 0xc4000010,
  stat_count_64 = 0xc4000011,
  system_reset2_64 = 0xc4000012,
};

// [psci] 5.2.2: what a function returns as a signed 32-bit number.
enum class Psci_result : std::int32_t {
  success = 0,
  not_supported = -1,
  invalid_parameters = -2,
  denied = -3,
  already_on = -4,
  on_pending = -5,
  internal_failure = -6,
  not_present = -7,
  disabled = -8,
  invalid_address = -9,
};

// What affinity_info returns when it succeeds ([psci] 5.7.3).
enum class Psci_affinity : std::int32_t {
  on = 0,
  off = 1,
  on_pending = 2,
};

// What migrate_info_type returns ([psci] 5.9).
enum class Psci_migrate_type : std::int32_t {
  uniprocessor_capable = 0,
  uniprocessor_not_capable = 1,
  not_required = 2,
};

namespace detail {

// By the negated result.
inline constexpr Text_table psci_result_texts{
    Text_of{0, "success"},
    Text_of{1, "NOT_SUPPORTED"},
    Text_of{2, "INVALID_PARAMETERS: no such processor or state"},
    Text_of{3, "DENIED"},
    Text_of{4, "ALREADY_ON: the processor runs"},
    Text_of{5, "ON_PENDING: the processor is being started"},
    Text_of{6, "INTERNAL_FAILURE"},
    Text_of{7, "NOT_PRESENT"},
    Text_of{8, "DISABLED"},
    Text_of{9, "INVALID_ADDRESS: cannot start there"},
};

}  // namespace detail

[[nodiscard]] constexpr const char* psci_result_name(Psci_result result) noexcept {
  return detail::psci_result_texts.find(-static_cast<std::int64_t>(result), "a result PSCI does not define");
}

}  // namespace enlighten::abi
