// SPDX-License-Identifier: MIT
// The page by which the two ends of a vchan find its rings and each other: struct vchan_interface ([xen]
// io/libxenvchan.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlighten::abi {

// Of one ring. Indices count bytes since its beginning and wrap at 2^32; a byte's place is its index modulo the
// ring's size. The reader writes `cons`, the writer `prod`.
struct Vchan_indices {
  std::uint32_t cons = 0;
  std::uint32_t prod = 0;
};
static_assert(sizeof(Vchan_indices) == 8);

struct Vchan_interface {
  Vchan_indices left;   // the client writes, the server reads
  Vchan_indices right;  // the server writes, the client reads
  // The logarithm of each ring's size, which also says where it is.
  std::uint16_t left_order = 0;
  std::uint16_t right_order = 0;
  // Each end's own word to the other: Vchan_live.
  std::uint8_t cli_live = 0;
  std::uint8_t srv_live = 0;
  // Of what each end has been asked to tell the other by an event: bits of vchan_notify. The server sets bits of
  // `cli_notify`, and the client takes them away.
  std::uint8_t cli_notify = 0;
  std::uint8_t srv_notify = 0;
  // Behind it stand the grants of the rings that are in pages of their own, each a std::uint32_t: those of the left
  // ring, then those of the right one.
};
static_assert(sizeof(Vchan_interface) == 24);
static_assert(offsetof(Vchan_interface, left_order) == 16);
static_assert(offsetof(Vchan_interface, cli_live) == 20);
static_assert(offsetof(Vchan_interface, cli_notify) == 22);

enum class Vchan_live : std::uint8_t {
  gone = 0,
  connected = 1,
  expected = 2,  // a client that is yet to come, as the server has set it
};

namespace vchan_notify {
inline constexpr std::uint8_t write = 1;  // when bytes have been written
inline constexpr std::uint8_t read = 2;   // when bytes have been read
}  // namespace vchan_notify

// The orders of rings that are in the shared page itself, each at an offset that is its size. At most one of the
// two rings may have one of them.
inline constexpr std::uint16_t vchan_small_order = 10;
inline constexpr std::uint16_t vchan_large_order = 11;
// From here on a ring has pages of its own; libxenvchan takes none of more than the second.
inline constexpr std::uint16_t vchan_page_order = 12;
inline constexpr std::uint16_t vchan_most_order = 20;

}  // namespace enlighten::abi
