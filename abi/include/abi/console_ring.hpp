// SPDX-License-Identifier: MIT
// The page by which a domain and its console's backend exchange characters: struct xencons_interface ([xen]
// io/console.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlighten::abi {

// Indices count characters since the ring's beginning and wrap at 2^32; a place is an index modulo the ring's size,
// a power of two. The producer of each direction writes its `prod`, the consumer its `cons`.
struct Console_ring {
  std::uint8_t in[1024] = {};   // to the domain
  std::uint8_t out[2048] = {};  // from the domain
  std::uint32_t in_cons = 0;
  std::uint32_t in_prod = 0;
  std::uint32_t out_cons = 0;
  std::uint32_t out_prod = 0;
};
static_assert(sizeof(Console_ring) == 3088);
static_assert(offsetof(Console_ring, out) == 1024);
static_assert(offsetof(Console_ring, in_cons) == 3072);
static_assert(offsetof(Console_ring, in_prod) == 3076);
static_assert(offsetof(Console_ring, out_cons) == 3080);
static_assert(offsetof(Console_ring, out_prod) == 3084);

// Since 4.21 the ring is followed by whether somebody is at its other end; before, by zero.
struct Console_page {
  Console_ring ring;
  std::uint8_t connection = 0;
};
inline constexpr std::uint8_t console_connected = 0;
inline constexpr std::uint8_t console_disconnected = 1;
static_assert(offsetof(Console_page, connection) == 3088);

}  // namespace enlighten::abi
