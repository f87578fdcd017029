// SPDX-License-Identifier: MIT
// What Xen tells a whole domain: struct shared_info ([xen] xen.h), laid out as C lays it out on Arm.
#pragma once

#include <cstddef>
#include <cstdint>

#include <abi/vcpu_info.hpp>

namespace enlighten::abi {

// Only vCPU 0 has a place of its own in shared_info, and only until it registers another: XEN_LEGACY_MAX_VCPUS.
inline constexpr std::size_t legacy_max_vcpus = 1;

// The 2-level ABI: one bit a port, in words of 64 bits on both instruction sets.
inline constexpr std::uint32_t two_level_bits_per_word = 64;
inline constexpr std::uint32_t two_level_words = 64;
inline constexpr std::uint32_t two_level_ports = two_level_words * two_level_bits_per_word;

struct Shared_info {
  Vcpu_info vcpu_info[legacy_max_vcpus];
  std::uint64_t evtchn_pending[two_level_words] = {};
  std::uint64_t evtchn_mask[two_level_words] = {};
  // The wall clock at counter value 0; zero in a guest nobody has told the time. A sequence lock: odd while it
  // changes.
  std::uint32_t wc_version = 0;
  std::uint32_t wc_sec = 0;
  std::uint32_t wc_nsec = 0;
  std::uint32_t wc_sec_hi = 0;
};
static_assert(sizeof(Shared_info) == 1088);
static_assert(offsetof(Shared_info, evtchn_pending) == 48);
static_assert(offsetof(Shared_info, evtchn_mask) == 560);
static_assert(offsetof(Shared_info, wc_version) == 1072);
static_assert(offsetof(Shared_info, wc_sec) == 1076);
static_assert(offsetof(Shared_info, wc_nsec) == 1080);
static_assert(offsetof(Shared_info, wc_sec_hi) == 1084);

}  // namespace enlighten::abi
