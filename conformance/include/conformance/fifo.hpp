// SPDX-License-Identifier: MIT
// A domain at FIFO for the length of a case: vCPU 0's control block, and the words of the first 1024 ports.
#pragma once

#include <cstdint>

#include <conformance/ports.hpp>

namespace enlighten::conformance {

class Fifo {
 public:
  // `filling`: what every word is before Xen sees the page.
  explicit Fifo(Bench& bench, abi::Event_word filling = 0) noexcept
      : bench_{bench},
        block_{*bench.page<abi::Evtchn_fifo_control_block>()},
        words_{bench.page<abi::Event_word>()} {
    for (std::uint32_t port = 0; port < abi::fifo_words_per_page; ++port) {
      words_[port] = filling;
    }
    bench.check("init_control", init_control(self, frame_of(&block_), 0), 0);
  }

  // The words are used from here on.
  void expand() noexcept { bench_.check("expand_array", expand_array(frame_of(words_)), 0); }

  [[nodiscard]] abi::Event_word& word(Port port) noexcept { return words_[port.value()]; }
  [[nodiscard]] abi::Evtchn_fifo_control_block& block() noexcept { return block_; }

  void check_word(const char* what, Port port, std::uint64_t expected) noexcept {
    bench_.check_bits(what, get(word(port)), expected);
  }
  void check_ready(std::uint32_t expected) noexcept { bench_.check_bits("ready", get(block_.ready), expected); }
  void check_head(std::uint32_t queue, Port expected) noexcept {
    bench_.check("head", get(block_.head[queue]), expected.value());
  }

  void set(Port port, abi::Event_word bits) noexcept { std::atomic_ref{word(port)}.fetch_or(bits); }
  void clear(Port port, abi::Event_word bits) noexcept { std::atomic_ref{word(port)}.fetch_and(~bits); }
  // As a guest takes the one event of a queue: nothing is ready, linked or pending any more.
  void take(Port port) noexcept {
    put(block_.ready, 0);
    clear(port, abi::event_word::linked | abi::event_word::link);
    clear(port, abi::event_word::pending);
    acknowledge(bench_);
  }

 private:
  Bench& bench_;
  abi::Evtchn_fifo_control_block& block_;
  abi::Event_word* words_;
};

// The queue of ports that have no priority of their own, as a bit of `ready`.
inline constexpr std::uint32_t default_queue = abi::fifo_priority_default;
inline constexpr std::uint32_t default_ready = 1U << default_queue;

inline constexpr std::uint64_t pending_and_linked = abi::event_word::pending | abi::event_word::linked;

}  // namespace enlighten::conformance
