// SPDX-License-Identifier: MIT
// What each vCPU has done lately: trace points, and the ring in which a vCPU keeps what it passed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <abi/hypercall.hpp>
#include <arch/processor.hpp>
#include <base/trace_entry.hpp>
#include <guest/cpu_local.hpp>

namespace enlighten::guest {

// A ring of entries that its own vCPU alone writes, without a lock, and that any other may read meanwhile. It is
// full for ever once it was: an entry takes the place of the oldest one.
//
// A trace point is two instructions where nothing is recorded: a register of the CPU's own, which nothing else is
// kept in, and a branch if it is not zero (arch::cpu_trace()). What is to be recorded, and the recording, stand
// behind that branch. A place in memory would cost a third instruction wherever its address is not at hand, and a
// global switch would be shared by CPUs of which some record before others have a ring.
//
// The recording is linked into every image but those that say NO_TRACE (enlighten_add_guest()). The points are in
// all of them, for the libraries are the same, but whatever they lead to is then one instruction that returns. So
// the functions behind them are extern "C", by whose names a linker can say so.
class Trace {
 public:
  struct Slot {
    std::atomic<std::uint64_t> count;
    std::atomic<std::uint64_t> word;
  };

  // `slots` has room for 2^order entries.
  Trace(Slot* slots, unsigned order) noexcept : slots_{slots}, mask_{(std::uint64_t{1} << order) - 1} {}

  // On its own vCPU.
  void record(std::uint64_t word) noexcept;

  // How many entries there were so far, the lost ones among them.
  [[nodiscard]] std::uint64_t recorded() const noexcept { return recorded_.load(std::memory_order_acquire); }
  // The first of `recorded` entries that may still be there. Of a full ring it is the second oldest: the oldest may
  // be the one that is being written over.
  [[nodiscard]] std::uint64_t first_of(std::uint64_t recorded) const noexcept {
    return recorded > mask_ ? recorded - mask_ : 0;
  }
  // Entry `index`, below recorded(); none if it was written over before it could be read as a whole.
  [[nodiscard]] std::optional<Trace_entry> read(std::uint64_t index) const noexcept;

 private:
  std::atomic<std::uint64_t> recorded_{0};
  Slot* slots_;
  std::uint64_t mask_;
};

// The ring of the CPU that asks, null while nothing is recorded there.
[[nodiscard]] inline Trace* tracing() noexcept {
  return static_cast<Trace*>(arch::cpu_trace());
}

extern "C" {
// Both with tracing() only.
void enlighten_trace(std::uint64_t word) noexcept;
// Makes the hypercall with an entry before and one after it.
std::int64_t enlighten_trace_hypercall(Call kind, abi::Hypercall number, std::uint64_t a0, std::uint64_t a1,
                                       std::uint64_t a2) noexcept;
}

// A trace point.
inline void trace(Trace_kind kind, std::uint32_t b = 0, std::uint32_t a = 0) noexcept {
  if (tracing() != nullptr) [[unlikely]] {
    enlighten_trace(packed_trace(kind, b, a));
  }
}

}  // namespace enlighten::guest
