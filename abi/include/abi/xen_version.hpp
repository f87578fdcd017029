// SPDX-License-Identifier: MIT
// Which Xen this is and what it offers: XENVER_*, XENFEAT_* ([xen] version.h, features.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlighten::abi {

enum class Xen_version_op : std::uint32_t {
  version = 0,  // no argument; returns major << 16 | minor
  extraversion = 1,
  compile_info = 2,
  capabilities = 3,
  changeset = 4,
  platform_parameters = 5,
  get_features = 6,
  pagesize = 7,  // no argument; returns 4096
  guest_handle = 8,
  commandline = 9,
  build_id = 10,
};

// XENVER_extraversion: what follows "4.17", as ".5".
struct Xen_extraversion {
  char text[16] = {};
};
static_assert(sizeof(Xen_extraversion) == 16);

struct Xen_compile_info {
  char compiler[64] = {};
  char compile_by[16] = {};
  char compile_domain[32] = {};
  char compile_date[32] = {};
};
static_assert(sizeof(Xen_compile_info) == 144);

struct Xen_capabilities {
  char text[1024] = {};
};
static_assert(sizeof(Xen_capabilities) == 1024);

struct Xen_changeset {
  char text[64] = {};
};
static_assert(sizeof(Xen_changeset) == 64);

struct Xen_platform_parameters {
  std::uint64_t virt_start = 0;
};
static_assert(sizeof(Xen_platform_parameters) == 8);

struct Xen_feature_info {
  std::uint32_t submap_idx = 0;
  std::uint32_t submap = 0;  // out
};
static_assert(sizeof(Xen_feature_info) == 8);
static_assert(offsetof(Xen_feature_info, submap) == 4);

struct Xen_commandline {
  char text[1024] = {};
};
static_assert(sizeof(Xen_commandline) == 1024);

// Bit numbers in feature submap 0, the only one there is.
enum class Xen_feature : std::uint32_t {
  writable_page_tables = 0,
  auto_translated_physmap = 2,
  dom0 = 11,
  memory_op_vnode_supported = 13,
  arm_smccc_supported = 14,
  not_direct_mapped = 16,
  direct_mapped = 17,
  runstate_phys_area = 18,  // set since 4.18, yet on Arm the operation it announces is refused: trust the call
};

}  // namespace enlighten::abi
