// SPDX-License-Identifier: MIT
// Records what a vCPU does.
#include <guest/trace.hpp>

#include <abi/event_channel.hpp>
#include <arch/counter.hpp>
#include <arch/hypercall.hpp>

namespace enlighten::guest {

// Ordered is each store behind the one before: the words of an entry before the number that says it is there, and
// that number before the words of the next entry, which may go into the place of an old one. At the other end
// read() loads in the opposite order, with acquire. Weaker, and a reader could see words of a new entry under the
// number of an old one, or a number whose entry is not there yet.
void Trace::record(std::uint64_t word) noexcept {
  const std::uint64_t index = recorded_.load(std::memory_order_relaxed);
  Slot& slot = slots_[index & mask_];
  slot.count.store(arch::counter(), std::memory_order_release);
  slot.word.store(word, std::memory_order_release);
  recorded_.store(index + 1, std::memory_order_release);
}

std::optional<Trace_entry> Trace::read(std::uint64_t index) const noexcept {
  const Slot& slot = slots_[index & mask_];
  // Acquire: for record(), for which see there. What is loaded here was stored before the number loaded below said
  // that entry `index` + size is being written.
  const std::uint64_t word = slot.word.load(std::memory_order_acquire);
  const std::uint64_t count = slot.count.load(std::memory_order_acquire);
  if (recorded_.load(std::memory_order_acquire) > index + mask_) {
    return std::nullopt;
  }
  return unpacked_trace(count, word);
}

extern "C" {

void enlighten_trace(std::uint64_t word) noexcept {
  tracing()->record(word);
}

std::int64_t enlighten_trace_hypercall(Call kind, abi::Hypercall number, std::uint64_t a0, std::uint64_t a1,
                                       std::uint64_t a2) noexcept {
  const std::uint32_t what = static_cast<std::uint32_t>(number) | static_cast<std::uint32_t>(a0 & 0xffff) << 8;
  std::uint32_t port = 0;
  if (number == abi::Hypercall::event_channel_op && a0 == static_cast<std::uint64_t>(abi::Event_channel_op::send)) {
    port = reinterpret_cast<const abi::Evtchn_send*>(a1)->port.value();
  }
  enlighten_trace(packed_trace(Trace_kind::call_begin, port, what));
  cpu_local().calls.count(kind);
  const std::int64_t result = arch::hypercall(number, a0, a1, a2);
  enlighten_trace(packed_trace(Trace_kind::call_end, static_cast<std::uint32_t>(result), what));
  return result;
}

}  // extern "C"

}  // namespace enlighten::guest
