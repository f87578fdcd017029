// SPDX-License-Identifier: MIT
// The 2-level event ABI: a pending and a mask bit a port in shared_info, and a selector a vCPU ([xen] event_2l.c).
#pragma once

#include <model/event_abi.hpp>

namespace enlighten::model {

class Event_two_level final : public Event_abi {
 public:
  explicit Event_two_level(Domain_view& domain) : domain_{domain} {}

  [[nodiscard]] std::uint32_t ports() const override { return abi::two_level_ports; }
  void set_pending(Event_channel& channel, Vcpu_id vcpu) override;
  void clear_pending(Event_channel& channel) override;
  void unmask(Event_channel& channel) override;
  [[nodiscard]] bool is_busy(Port /*port*/) override { return false; }
  [[nodiscard]] bool is_pending(Port port) override;

 private:
  // `port` is pending and not masked: the vCPU is to look at its word.
  void select(Port port, Vcpu_id vcpu);

  Domain_view& domain_;
};

}  // namespace enlighten::model
