// SPDX-License-Identifier: MIT
// Operations on event channels in one line each, and the words in which 2-level events are seen.
#pragma once

#include <cstdint>

#include <conformance/bench.hpp>
#include <conformance/calls.hpp>
#include <conformance/words.hpp>

namespace enlighten::conformance {

// What a binding call answered; the port only if that was 0.
struct Binding {
  std::int64_t result;
  Port port;
};

[[nodiscard]] inline Binding bind_ipi(Vcpu_id vcpu) noexcept {
  abi::Evtchn_bind_ipi argument{.vcpu = vcpu};
  const std::int64_t result = event_channel(abi::Event_channel_op::bind_ipi, argument);
  return {result, argument.port};
}
[[nodiscard]] inline Binding bind_virq(Virq virq, Vcpu_id vcpu) noexcept {
  abi::Evtchn_bind_virq argument{.virq = virq, .vcpu = vcpu};
  const std::int64_t result = event_channel(abi::Event_channel_op::bind_virq, argument);
  return {result, argument.port};
}
[[nodiscard]] inline Binding alloc_unbound(Domain_id dom = abi::domain_self,
                                           Domain_id remote = abi::domain_self) noexcept {
  abi::Evtchn_alloc_unbound argument{.dom = dom, .remote_dom = remote};
  const std::int64_t result = event_channel(abi::Event_channel_op::alloc_unbound, argument);
  return {result, argument.port};
}
[[nodiscard]] inline Binding bind_interdomain(Port remote, Domain_id dom = abi::domain_self) noexcept {
  abi::Evtchn_bind_interdomain argument{.remote_dom = dom, .remote_port = remote};
  const std::int64_t result = event_channel(abi::Event_channel_op::bind_interdomain, argument);
  return {result, argument.local_port};
}

[[nodiscard]] inline std::int64_t close(Port port) noexcept {
  return event_channel(abi::Event_channel_op::close, abi::Evtchn_close{port});
}
[[nodiscard]] inline std::int64_t send(Port port) noexcept {
  return event_channel(abi::Event_channel_op::send, abi::Evtchn_send{port});
}
[[nodiscard]] inline std::int64_t unmask(Port port) noexcept {
  return event_channel(abi::Event_channel_op::unmask, abi::Evtchn_unmask{port});
}
[[nodiscard]] inline std::int64_t bind_vcpu(Port port, Vcpu_id vcpu) noexcept {
  return event_channel(abi::Event_channel_op::bind_vcpu, abi::Evtchn_bind_vcpu{.port = port, .vcpu = vcpu});
}
[[nodiscard]] inline std::int64_t reset(Domain_id dom = abi::domain_self) noexcept {
  return event_channel(abi::Event_channel_op::reset, abi::Evtchn_reset{dom});
}
[[nodiscard]] inline std::int64_t set_priority(Port port, std::uint32_t priority) noexcept {
  return event_channel(abi::Event_channel_op::set_priority,
                       abi::Evtchn_set_priority{.port = port, .priority = priority});
}
[[nodiscard]] inline std::int64_t expand_array(abi::Gfn frame) noexcept {
  return event_channel(abi::Event_channel_op::expand_array, abi::Evtchn_expand_array{frame});
}
[[nodiscard]] inline std::int64_t init_control(Vcpu_id vcpu, abi::Gfn frame, std::uint32_t offset) noexcept {
  return event_channel(abi::Event_channel_op::init_control,
                       abi::Evtchn_init_control{.control_gfn = frame, .offset = offset, .vcpu = vcpu});
}

[[nodiscard]] inline std::int64_t ask_status(abi::Evtchn_status& argument) noexcept {
  return event_channel(abi::Event_channel_op::status, argument);
}
// What a port of ours is; a refusal as a number below 0.
[[nodiscard]] inline std::int64_t state_of(Port port) noexcept {
  abi::Evtchn_status argument{.dom = abi::domain_self, .port = port};
  const std::int64_t result = ask_status(argument);
  return result == 0 ? number(argument.status) : result;
}
[[nodiscard]] inline abi::Evtchn_status status_of(Port port) noexcept {
  abi::Evtchn_status argument{.dom = abi::domain_self, .port = port};
  static_cast<void>(ask_status(argument));
  return argument;
}

// The port of a binding that must succeed; no_port, and the case has failed, if it does not.
[[nodiscard]] inline Port bound(Bench& bench, const char* what, Binding binding) noexcept {
  return bench.check(what, binding.result, 0) ? binding.port : no_port;
}

// The 2-level words.
[[nodiscard]] inline std::uint64_t& word_of(std::uint64_t (&words)[abi::two_level_words], Port port) noexcept {
  return words[port.value() / abi::two_level_bits_per_word % abi::two_level_words];
}
[[nodiscard]] inline std::uint64_t bit_of(Port port) noexcept {
  return std::uint64_t{1} << port.value() % abi::two_level_bits_per_word;
}
[[nodiscard]] inline bool is_pending(Bench& bench, Port port) noexcept {
  return (get(word_of(bench.shared_info().evtchn_pending, port)) & bit_of(port)) != 0;
}
[[nodiscard]] inline bool is_masked(Bench& bench, Port port) noexcept {
  return (get(word_of(bench.shared_info().evtchn_mask, port)) & bit_of(port)) != 0;
}
inline void mask(Bench& bench, Port port) noexcept {
  std::uint64_t& word = word_of(bench.shared_info().evtchn_mask, port);
  put(word, get(word) | bit_of(port));
}
inline void clear_mask(Bench& bench, Port port) noexcept {
  std::uint64_t& word = word_of(bench.shared_info().evtchn_mask, port);
  put(word, get(word) & ~bit_of(port));
}
inline void clear_pending(Bench& bench, Port port) noexcept {
  std::uint64_t& word = word_of(bench.shared_info().evtchn_pending, port);
  put(word, get(word) & ~bit_of(port));
}
// Whether Xen has asked for the vCPU's attention; and that it is given.
[[nodiscard]] inline bool upcall(Bench& bench) noexcept {
  return get(bench.vcpu_info().evtchn_upcall_pending) != 0;
}
inline void acknowledge(Bench& bench) noexcept {
  put(bench.vcpu_info().evtchn_upcall_pending, 0);
  put(bench.vcpu_info().evtchn_pending_sel, 0);
}

}  // namespace enlighten::conformance
