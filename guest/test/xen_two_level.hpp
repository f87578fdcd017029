// SPDX-License-Identifier: MIT
// Xen's side of the 2-level event ABI, access by access, for tests ([xen] event_2l.c as its documents describe it).
#pragma once

#include <array>
#include <cstdint>

#include <abi/shared_info.hpp>
#include <abi/vcpu_info.hpp>
#include <base/ids.hpp>

#include "interleaving.hpp"

namespace enlighten::guest::test {

// One domain with `Vcpus` vCPUs. Calls are made by actors, as in Xen_fifo; the first `Words` words of ports are in
// use.
template <std::size_t Vcpus, std::size_t Words>
class Xen_two_level {
 public:
  struct Vcpu {
    abi::Vcpu_info info;
    bool interrupted = false;
  };

  explicit Xen_two_level(Schedule& schedule) : words_{schedule} {
    for (Vcpu& vcpu : vcpus) {
      schedule.share(vcpu.info.evtchn_upcall_pending);
      schedule.share(vcpu.info.evtchn_pending_sel);
      schedule.watch(vcpu.interrupted);
    }
    for (std::size_t i = 0; i != Words; ++i) {
      schedule.share(shared.evtchn_pending[i]);
      schedule.share(shared.evtchn_mask[i]);
    }
    schedule.watch(bound_to);
  }

  // EVTCHNOP_send by whoever holds the other end.
  void send(Port port) {
    if ((words_.fetch_or(pending(port), bit(port), order) & bit(port)) == 0 &&
        (words_.load(mask(port), order) & bit(port)) == 0) {
      raise(port);
    }
  }

  // EVTCHNOP_unmask: raises an event only if the port was masked.
  void unmask(Port port) {
    if ((words_.fetch_and(mask(port), ~bit(port), order) & bit(port)) != 0 &&
        (words_.load(pending(port), order) & bit(port)) != 0) {
      raise(port);
    }
  }

  void bind_vcpu(Port port, std::uint32_t vcpu) { bound_to[port.value()] = vcpu; }

  abi::Shared_info shared;
  std::array<Vcpu, Vcpus> vcpus{};
  std::array<std::uint32_t, Words * abi::two_level_bits_per_word> bound_to{};

 private:
  static constexpr auto order = std::memory_order_seq_cst;

  static constexpr std::uint64_t bit(Port port) {
    return std::uint64_t{1} << port.value() % abi::two_level_bits_per_word;
  }
  std::uint64_t& pending(Port port) { return shared.evtchn_pending[port.value() / abi::two_level_bits_per_word]; }
  std::uint64_t& mask(Port port) { return shared.evtchn_mask[port.value() / abi::two_level_bits_per_word]; }

  void raise(Port port) {
    Vcpu& vcpu = vcpus[bound_to[port.value()]];
    const std::uint64_t selected = std::uint64_t{1} << port.value() / abi::two_level_bits_per_word;
    if ((words_.fetch_or(vcpu.info.evtchn_pending_sel, selected, order) & selected) == 0 &&
        words_.exchange(vcpu.info.evtchn_upcall_pending, 1, order) == 0) {
      vcpu.interrupted = true;
    }
  }

  Stepped_words words_;
};

}  // namespace enlighten::guest::test
