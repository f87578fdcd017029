// SPDX-License-Identifier: MIT
// What Xen says of itself: XENVER_*.
#include <string_view>

#include <conformance/calls.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Xen_version_op;

void known_release(Bench& bench) {
  const std::int64_t version = xen_version(Xen_version_op::version);
  bench.check("major", version >> 16, 4);
  bench.check_that("minor is 17 or later", (version & 0xffff) >= 17);
  bench.check("XENVER_version with an argument", xen_version(Xen_version_op::version, nowhere), version);
}

void features(Bench& bench) {
  // Writable page tables (0), auto-translated (2), vnode (13), SMCCC (14), not direct-mapped (16); with 4.18 the
  // areas by physical address (18), which the call they announce refuses.
  abi::Xen_feature_info first{.submap_idx = 0};
  bench.check("submap 0", xen_version(Xen_version_op::get_features, address_of(first)), 0);
  bench.check_bits("features", first.submap, Expected{0x16005}.since(4, 18, 0x56005));
  abi::Xen_feature_info second{.submap_idx = 1};
  bench.check("submap 1", xen_version(Xen_version_op::get_features, address_of(second)), -Errno::einval);
  bench.check("submap 1 is left alone", second.submap, 0);
}

void unreadable(Bench& bench) {
  bench.check("get_features", xen_version(Xen_version_op::get_features, nowhere), -Errno::efault);
  bench.check("capabilities", xen_version(Xen_version_op::capabilities, nowhere), -Errno::efault);
  bench.check("platform_parameters", xen_version(Xen_version_op::platform_parameters, nowhere), -Errno::efault);
  bench.check("changeset", xen_version(Xen_version_op::changeset, nowhere), -Errno::efault);
  bench.check("extraversion", xen_version(Xen_version_op::extraversion, nowhere), -Errno::efault);
  bench.check("compile_info", xen_version(Xen_version_op::compile_info, nowhere), -Errno::efault);
}

void page_size(Bench& bench) {
  std::uint64_t word = 0;
  bench.check("without a buffer", xen_version(Xen_version_op::pagesize), 4096);
  bench.check("with one", xen_version(Xen_version_op::pagesize, address_of(word)), -Errno::einval);
}

void words(Bench& bench) {
  abi::Xen_capabilities capabilities;
  bench.check("capabilities", xen_version(Xen_version_op::capabilities, address_of(capabilities)), 0);
  bench.check_that("they begin with the 64-bit machine",
                   std::string_view{capabilities.text}.starts_with("xen-3.0-aarch64 xen-3.0-armv7l"));
  abi::Xen_extraversion extra;
  bench.check("extraversion", xen_version(Xen_version_op::extraversion, address_of(extra)), 0);
  bench.check_that("it ends within its 16 bytes", extra.text[sizeof extra.text - 1] == '\0');
  abi::Xen_changeset changeset;
  bench.check("changeset", xen_version(Xen_version_op::changeset, address_of(changeset)), 0);
  abi::Xen_compile_info compiled;
  bench.check("compile_info", xen_version(Xen_version_op::compile_info, address_of(compiled)), 0);
}

void secrets(Bench& bench) {
  abi::Xen_commandline line;
  bench.check("commandline", xen_version(Xen_version_op::commandline, address_of(line)), 0);
  bench.check_that("says <denied>", std::string_view{line.text} == "<denied>");
  bench.check("build_id", xen_version(Xen_version_op::build_id), -Errno::eperm);
}

void hypervisor_address(Bench& bench) {
  abi::Xen_platform_parameters parameters{.virt_start = 1};
  bench.check("platform_parameters", xen_version(Xen_version_op::platform_parameters, address_of(parameters)), 0);
  bench.check_bits("virt_start", parameters.virt_start, Expected{0x200000}.since(4, 18, 0));
}

void handle(Bench& bench) {
  std::uint8_t bytes[16] = {};
  bench.check("guest_handle", xen_version(Xen_version_op::guest_handle, address_of(bytes)), 0);
  bool is_zero = true;
  for (const std::uint8_t byte : bytes) {
    is_zero = is_zero && byte == 0;
  }
  bench.check_that("it is all zero", is_zero);
}

void unknown(Bench& bench) {
  std::uint64_t word = 0;
  bench.check("operation 11", xen_version(11, address_of(word)), -Errno::enosys);
  bench.check("operation 99", xen_version(99, address_of(word)), -Errno::enosys);
}

constexpr Case cases[] = {
    {"Xen tells its release", "XENVER_version returns major << 16 | minor ([xen] version.h)", known_release},
    {"features of a domain are those of an auto-translated guest on Arm, and there is one word of them",
     "XENVER_get_features fills one word of feature bits for each index it has ([xen] version.h, features.h)",
     features},
    {"a buffer that cannot be reached is EFAULT", "A result is copied to the caller's address ([xen] version.h)",
     unreadable},
    {"a page has 4096 bytes, and nobody may ask into a buffer",
     "XENVER_pagesize returns the size; its argument must be NULL ([xen] version.h)", page_size},
    {"capabilities, version and origin come as text", "XENVER_* of text fill fixed arrays ([xen] version.h)",
     words},
    {"an ordinary domain learns neither command line nor build id",
     "XSM allows XENVER_commandline and XENVER_build_id to privileged domains only ([xen] xsm/dummy.h)", secrets},
    {"virt_start is the hypervisor's address, and since 4.18 nothing",
     "XENVER_platform_parameters; the address means nothing to a guest on Arm ([xen] version.h)",
     hypervisor_address},
    {"the domain's handle is what its creator gave it: zero", "XENVER_guest_handle ([xen] version.h)", handle},
    {"an operation that does not exist is ENOSYS", "XENVER_* end at build_id ([xen] version.h)", unknown},
};

}  // namespace

constinit const Subject version_subject{"version", cases};

}  // namespace enlighten::conformance
