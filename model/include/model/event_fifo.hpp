// SPDX-License-Identifier: MIT
// The FIFO event ABI: an array of event words, and 16 queues through them for each vCPU ([xen] event_fifo.c).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <abi/event_channel.hpp>
#include <model/event_abi.hpp>
#include <model/event_words.hpp>

namespace enlighten::model {

// All under the domain's event lock, which does here what each queue's own lock does in Xen: nobody changes a
// channel's queue while another links it, so Xen's three attempts to lock both queues have no counterpart.
class Event_fifo final : public Event_abi {
 public:
  Event_fifo(Domain_view& domain, Port_table& table) : domain_{domain}, table_{table}, words_{domain} {}

  [[nodiscard]] bool in_use() const { return !vcpus_.empty(); }
  // While in use.
  [[nodiscard]] bool has_block(Vcpu_id vcpu) const { return vcpus_[vcpu.value()].block != nullptr; }

  // EVTCHNOP_init_control, its numbers found good, and EVTCHNOP_expand_array. The first control block of all gives
  // every vCPU its queues, and the domain an empty array.
  [[nodiscard]] std::int64_t map_control_block(const abi::Evtchn_init_control& arguments);
  [[nodiscard]] std::int64_t add_page(abi::Gfn frame);
  // Takes over what is pending in the 2-level ABI's bits: not the masks.
  void take_over_ports();
  // Back to no queue and no array at all.
  void destroy();

  // A port begins a new life: its priority is the default again.
  static void begin(Event_channel& channel) { channel.priority = abi::fifo_priority_default; }

  [[nodiscard]] std::uint32_t ports() const override { return abi::fifo_ports; }
  void set_pending(Event_channel& channel, Vcpu_id vcpu) override;
  void clear_pending(Event_channel& channel) override;
  void unmask(Event_channel& channel) override;
  [[nodiscard]] bool is_busy(Port port) override;
  [[nodiscard]] bool is_pending(Port port) override;

  void set_checking(bool on);

 private:
  struct Vcpu_queues {
    abi::Evtchn_fifo_control_block* block = nullptr;
    std::optional<abi::Gfn> frame;
    // The last port of each queue, as far as Xen knows: the guest may have taken it already. 0: none.
    std::array<std::uint32_t, abi::fifo_queues> tails{};
  };

  void check_block(const abi::Evtchn_init_control& arguments, abi::Evtchn_fifo_control_block& block);
  void raise_awaiting(Vcpu_id vcpu);
  // The event is for a vCPU without a control block.
  void lose(Event_channel& channel, Vcpu_id vcpu);
  void link(Event_channel& channel, Vcpu_id vcpu);
  // False if `tail` is linked no more: the guest has emptied the queue.
  [[nodiscard]] bool set_link(Port tail, Port next);
  // Nothing if somebody changed the word, which is read into `word`.
  [[nodiscard]] std::optional<bool> try_set_link(Port tail, abi::Event_word& word, Port next);
  std::uint32_t& tail_of(Vcpu_id vcpu, std::uint32_t priority) { return vcpus_[vcpu.value()].tails[priority]; }

  Domain_view& domain_;
  Port_table& table_;
  Event_words words_;
  std::vector<Vcpu_queues> vcpus_;
  bool checking_ = true;
};

}  // namespace enlighten::model
