// SPDX-License-Identifier: MIT
// The memory of the FIFO event ABI: event words and the control block ([xen] event_channel.h, EVTCHN_FIFO_*).
#pragma once

#include <cstddef>
#include <cstdint>

#include <abi/frame.hpp>

namespace enlighten::abi {

inline constexpr std::uint32_t fifo_priority_highest = 0;
inline constexpr std::uint32_t fifo_priority_default = 7;
inline constexpr std::uint32_t fifo_priority_lowest = 15;
inline constexpr std::uint32_t fifo_queues = fifo_priority_lowest + 1;

inline constexpr std::uint32_t fifo_link_bits = 17;
inline constexpr std::uint32_t fifo_ports = std::uint32_t{1} << fifo_link_bits;

// One a port.
using Event_word = std::uint32_t;

// While LINKED is set a guest may set and clear masked, clear pending, and clear linked together with the link; no
// more.
namespace event_word {
inline constexpr Event_word pending = Event_word{1} << 31;
inline constexpr Event_word masked = Event_word{1} << 30;
inline constexpr Event_word linked = Event_word{1} << 29;
inline constexpr Event_word busy = Event_word{1} << 28;  // Xen is about to change the link
inline constexpr Event_word link = fifo_ports - 1;       // the next port of the queue, 0 at its end
}  // namespace event_word

inline constexpr std::uint32_t fifo_words_per_page = page_size / sizeof(Event_word);
inline constexpr std::uint32_t fifo_max_pages = fifo_ports / fifo_words_per_page;

// One a vCPU. Xen does not clear it: it must be zero when it is handed over.
struct Evtchn_fifo_control_block {
  std::uint32_t ready = 0;  // a bit a queue that is not empty
  std::uint32_t rsvd = 0;
  std::uint32_t head[fifo_queues] = {};
};
static_assert(sizeof(Evtchn_fifo_control_block) == 72);
static_assert(offsetof(Evtchn_fifo_control_block, head) == 8);

}  // namespace enlighten::abi
