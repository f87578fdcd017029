// SPDX-License-Identifier: MIT
// Several hypercalls in one: an array of these, their number as second argument ([xen] xen.h, multicall_entry).
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlighten::abi {

// Every word is 64 bits; on 32-bit Arm upper halves that are not zero crash the domain.
struct Multicall_entry {
  std::uint64_t op = 0;
  std::uint64_t result = 0;  // out, a negative errno as two's complement
  std::uint64_t args[6] = {};
};
static_assert(sizeof(Multicall_entry) == 64);
static_assert(offsetof(Multicall_entry, args) == 16);

}  // namespace enlighten::abi
