// SPDX-License-Identifier: MIT
// A machine that notes every call to Xen and the firmware and answers from a short script, for tests.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <abi/errno.hpp>
#include <abi/event_channel.hpp>
#include <abi/event_fifo.hpp>
#include <abi/psci.hpp>
#include <arch/hosted_machine.hpp>
#include <base/ids.hpp>

namespace enlighten::guest::test {

// Says yes to everything it was not told to refuse, and hands out the lowest port that is free. It keeps no event
// state: a test that wants an event writes the words that Xen would.
class Scripted_xen : public arch::hosted::Machine {
 public:
  // Every call in order, with what tells it from others of its kind: "init_control vcpu 3", "bind_vcpu port 5 vcpu
  // 2", "bind_interdomain port 9 of 3", "cpu_on 0x101", "expand_array".
  std::vector<std::string> calls;

  // By a call's first word.
  std::map<std::string, abi::Errno> refusals;
  std::map<Mpidr, abi::Psci_result> cpu_on_refusals;
  std::uint8_t link_bits = abi::fifo_link_bits;
  bool at_fifo = false;  // whether a control block was accepted since the last reset
  Port next_port{1};
  // What it says of any port.
  abi::Evtchn_state port_state = abi::Evtchn_state::closed;
  Vcpu_id port_vcpu{0};

  // What happens while a call is made, before its answer.
  std::function<void(const std::string& call)> meanwhile;
  // What happens while a vCPU waits for another one. Without this, waiting fails the test: on one thread it is for
  // ever.
  std::function<void()> while_waiting;

  // What Xen was given.
  std::map<Vcpu_id, std::uintptr_t> vcpu_infos;
  std::map<Vcpu_id, std::uintptr_t> control_blocks;
  std::vector<abi::Event_word*> array_pages;

  [[nodiscard]] std::vector<std::string> take_calls() { return std::exchange(calls, {}); }

  std::int64_t hypercall(abi::Hypercall number, const arch::hosted::Hypercall_arguments& arguments) override;
  arch::Smccc_result smccc(arch::Conduit conduit, std::uint32_t function,
                           const std::array<std::uint64_t, 3>& arguments) override;
  void relax() override;

 private:
  [[nodiscard]] std::int64_t note(const std::string& call);
  [[nodiscard]] std::int64_t event_channel(abi::Event_channel_op operation, std::uint64_t argument);
  void hand_out(Port& port);

  std::set<Port> closed_;
};

}  // namespace enlighten::guest::test
