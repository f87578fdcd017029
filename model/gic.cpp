// SPDX-License-Identifier: MIT
// Which interrupt comes next, and what taking and ending it changes.
#include <model/gic.hpp>

#include <bit>

namespace enlighten::model {
namespace {

constexpr unsigned lowest_priority = 0x100;

constexpr std::uint32_t bit(std::uint32_t interrupt) {
  return std::uint32_t{1} << interrupt;
}

}  // namespace

Gic::Gic(Gic_version version, std::span<Vcpu_state> vcpus)
    : version_{version}, vcpus_{vcpus}, banks_(vcpus.size()) {}

std::uint32_t Gic::pending(Asker self) const {
  std::uint32_t bits = banks_[self.vcpu.value()].software_pending;
  if (vcpus_[self.vcpu.value()].upcall_pending.load(std::memory_order_relaxed)) {
    bits |= bit(upcall.value());
  }
  if (self.timer_line) {
    bits |= bit(timer.value());
  }
  return bits;
}

// The most urgent that is more urgent than `below`, of those that are not active; of equals the lowest number.
std::uint32_t Gic::next(Asker self, unsigned below) const {
  const Bank& bank = banks_[self.vcpu.value()];
  std::uint32_t found = nothing;
  if (!distributor_on_ || !bank.interface.enabled) {
    return found;
  }
  for (std::uint32_t bits = pending(self) & bank.enabled & ~bank.active; bits != 0; bits &= bits - 1) {
    const auto interrupt = static_cast<std::uint32_t>(std::countr_zero(bits));
    if (bank.priority[interrupt] < below && bank.priority[interrupt] < bank.interface.priority_mask) {
      below = bank.priority[interrupt];
      found = interrupt;
    }
  }
  return found;
}

std::uint32_t Gic::take(Asker self) {
  Bank& bank = banks_[self.vcpu.value()];
  const std::uint32_t interrupt = next(self, bank.running.empty() ? lowest_priority : *bank.running.begin());
  if (interrupt == nothing) {
    return nothing;
  }
  bank.active |= bit(interrupt);
  bank.taken_at[interrupt] = bank.priority[interrupt];
  bank.running.insert(bank.taken_at[interrupt]);
  bank.software_pending &= ~bit(interrupt);
  if (interrupt == upcall.value()) {
    vcpus_[self.vcpu.value()].upcall_pending.exchange(false, std::memory_order_relaxed);
  }
  return interrupt;
}

void Gic::drop(Bank& bank, std::uint32_t interrupt) {
  if (interrupt >= 32 || (bank.active & bit(interrupt)) == 0) {
    return;
  }
  bank.active &= ~bit(interrupt);
  if (const auto running = bank.running.find(bank.taken_at[interrupt]); running != bank.running.end()) {
    bank.running.erase(running);
  }
}

std::uint32_t Gic::acknowledge(Asker self) {
  const std::lock_guard guard{mutex_};
  return take(self);
}

std::uint32_t Gic::highest_pending(Asker self) {
  const std::lock_guard guard{mutex_};
  return next(self, lowest_priority);
}

void Gic::end(Vcpu_id self, std::uint32_t interrupt) {
  const std::lock_guard guard{mutex_};
  drop(banks_[self.value()], interrupt);
}

bool Gic::wakes(Asker self) {
  return highest_pending(self) != nothing;
}

bool Gic::is_active(Vcpu_id vcpu, Interrupt interrupt) {
  const std::lock_guard guard{mutex_};
  return (banks_[vcpu.value()].active & bit(interrupt.value())) != 0;
}

Gic::Interface Gic::interface_of(Vcpu_id self) {
  const std::lock_guard guard{mutex_};
  return banks_[self.value()].interface;
}

void Gic::set_interface(Vcpu_id self, const Interface& interface) {
  const std::lock_guard guard{mutex_};
  banks_[self.value()].interface = interface;
}

// One bit for each of the 32 groups of priorities that five bits tell apart.
std::uint32_t Gic::running_bits(const Bank& bank) {
  std::uint32_t bits = 0;
  for (const std::uint8_t priority : bank.running) {
    bits |= bit(priority >> 3U);
  }
  return bits;
}

std::uint32_t Gic::active_priorities(Vcpu_id self) {
  const std::lock_guard guard{mutex_};
  return running_bits(banks_[self.value()]);
}

void Gic::set_active_priorities(Vcpu_id self, std::uint32_t bits) {
  const std::lock_guard guard{mutex_};
  forget_running(banks_[self.value()], bits);
}

// A vCPU that went off in the middle of an interrupt left its priority active. Writing zero is how its next life
// forgets it; any other value would invent one.
void Gic::forget_running(Bank& bank, std::uint32_t bits) {
  if (bits == 0) {
    bank.running.clear();
  }
}

void Gic::clear_pending(Vcpu_id vcpu) {
  const std::lock_guard guard{mutex_};
  banks_[vcpu.value()].software_pending = 0;
}

// Dropped for a vCPU that is off, as every interrupt is.
void Gic::send_to(Vcpu_id vcpu, std::uint32_t interrupt) {
  if (vcpu.value() < vcpus_.size() && !vcpus_[vcpu.value()].down.load()) {
    banks_[vcpu.value()].software_pending |= bit(interrupt);
  }
}

// [gic] 12.2.22: INTID 27:24, Aff1 23:16, TargetList 15:0. Xen looks at Aff1 and the list ([xen] vgic-v3.c,
// vgic_v3_to_sgi); IRM, bit 40, would be all but the sender, which nobody here asks for.
void Gic::send(std::uint64_t request) {
  const std::lock_guard guard{mutex_};
  const auto interrupt = static_cast<std::uint32_t>(request >> 24U & 0xfU);
  const std::uint64_t first = (request >> 16U & 0xffU) << 4U;
  for (std::uint64_t list = request & 0xffffU; list != 0; list &= list - 1) {
    send_to(Vcpu_id{static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(std::countr_zero(list))},
            interrupt);
  }
}

// GICD_SGIR ([gic2] 4.3.15): TargetListFilter 25:24, CPUTargetList 23:16, INTID 3:0.
void Gic::send_version_2(Vcpu_id self, std::uint32_t request) {
  const std::uint32_t filter = request >> 24U & 3U;
  for (std::uint32_t id = 0; id < vcpus_.size(); ++id) {
    const bool listed = id < 8 && (request >> (16 + id) & 1U) != 0;
    if (filter == 0 ? listed : filter == 1 ? id != self.value() : id == self.value()) {
      send_to(Vcpu_id{id}, request & 0xfU);
    }
  }
}

}  // namespace enlighten::model
