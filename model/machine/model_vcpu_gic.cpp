// SPDX-License-Identifier: MIT
// Device registers and the GIC's system registers: both trap, and the interrupt controller of the domain answers.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <model_machine/model_vcpu.hpp>
#include <model_machine/vcpu_runner.hpp>

namespace enlighten::model_machine {

model::Gic::Asker Model_vcpu::asker() {
  return {id_, timer_due() && !timer_delivered_};
}

std::uint32_t Model_vcpu::taken(std::uint32_t interrupt) {
  if (interrupt == model::Gic::timer.value()) {
    timer_delivered_ = true;
  }
  return interrupt;
}

void Model_vcpu::give_up(const std::string& why) {
  domain_.blame_guest(why);
  runner_.leave_for_ever();
  std::abort();
}

model::Gic& Model_vcpu::gic() {
  model::Gic* const controller = domain_.gic();
  if (controller == nullptr) {
    give_up("a register of an interrupt controller was accessed, and this domain has none");
  }
  return *controller;
}

void Model_vcpu::abort_data_access(const char* access, std::uintptr_t address) {
  char words[120];
  std::snprintf(words, sizeof words, "%s at 0x%llx, where no register of the interrupt controller is: a data abort",
                access, static_cast<unsigned long long>(address));
  give_up(words);
}

std::uint32_t Model_vcpu::mmio_read32(std::uintptr_t address) {
  runner_.step_named("device register", reinterpret_cast<const void*>(address));
  const std::optional<std::uint32_t> value = gic().read32(asker(), address);
  if (!value) {
    abort_data_access("a load", address);
  }
  // Of all registers only that of version 2 which acknowledges reads as an interrupt.
  return address == model::Gic::interface_base + 0xc ? taken(*value) : *value;
}

void Model_vcpu::mmio_write32(std::uintptr_t address, std::uint32_t value) {
  runner_.step_named("device register", reinterpret_cast<const void*>(address));
  if (!gic().write32(asker(), address, value)) {
    abort_data_access("a store", address);
  }
}

void Model_vcpu::mmio_write8(std::uintptr_t address, std::uint8_t value) {
  runner_.step_named("device register", reinterpret_cast<const void*>(address));
  if (!gic().write8(asker(), address, value)) {
    abort_data_access("a store of a byte", address);
  }
}

std::uint64_t Model_vcpu::gic_read(arch::Gic_system_register which) {
  using enum arch::Gic_system_register;
  constexpr std::uint64_t five_bits_of_priority = 4U << 8U;
  switch (which) {
    case acknowledge:
      runner_.step_named("acknowledge", nullptr);
      return taken(gic().acknowledge(asker()));
    case highest_pending:
      return gic().highest_pending(asker());
    case priority_mask:
      return gic().interface_of(id_).priority_mask;
    case binary_point:
      return gic().interface_of(id_).binary_point;
    case active_priorities_0:
      return gic().active_priorities(id_);
    case control:
      return five_bits_of_priority;
    case system_registers:
      return 1;
    case group_enable:
      return gic().interface_of(id_).enabled ? 1 : 0;
    case active_priorities_1:
    case active_priorities_2:
    case active_priorities_3:
    case end:
    case software_interrupt:
      break;
  }
  give_up("a GICv3 system register was read that cannot be, or is not there with five bits of priority");
}

void Model_vcpu::gic_write(arch::Gic_system_register which, std::uint64_t value) {
  using enum arch::Gic_system_register;
  model::Gic& controller = gic();
  model::Gic::Interface interface = controller.interface_of(id_);
  switch (which) {
    case end:
      controller.end(id_, static_cast<std::uint32_t>(value & 0xff'ffffU));
      return;
    case priority_mask:
      interface.priority_mask = static_cast<std::uint8_t>(value & 0xf8U);
      break;
    case binary_point:
      interface.binary_point = static_cast<std::uint8_t>(value & 7U);
      break;
    case group_enable:
      interface.enabled = (value & 1U) != 0;
      break;
    case active_priorities_0:
      controller.set_active_priorities(id_, static_cast<std::uint32_t>(value));
      return;
    case software_interrupt:
      runner_.step_named("software interrupt", nullptr);
      controller.send(value);
      return;
    case control:
    case system_registers:
      return;
    case active_priorities_1:
    case active_priorities_2:
    case active_priorities_3:
    case acknowledge:
    case highest_pending:
      give_up("a GICv3 system register was written that cannot be, or is not there with five bits of priority");
  }
  controller.set_interface(id_, interface);
}

}  // namespace enlighten::model_machine
