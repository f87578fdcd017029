// SPDX-License-Identifier: MIT
// The order in which CPUs are turned on, and the state each is in.
#include <guest/bringup.hpp>

#include <guest/cpu_local.hpp>
#include <guest/trace.hpp>

namespace enlighten::guest {

const char* name(Cpu_state state) noexcept {
  static constexpr char names[][23] = {"offline", "about to be turned on", "starting", "online", "stopping",
                                       "failed"};
  return names[static_cast<std::uint32_t>(state)];
}

Result<> Starting_context::init_control(const abi::Evtchn_fifo_control_block& block) const noexcept {
  abi::Evtchn_init_control argument{
      .control_gfn = gfn_of_object(&block), .offset = offset_in_frame(&block), .vcpu = vcpu_};
  ENLIGHTEN_TRY(xen_->event_channel(Call::event_init_control, abi::Event_channel_op::init_control, argument));
  if (argument.link_bits != abi::fifo_link_bits) {
    return Error::make(Error_kind::unsupported, "EVTCHNOP_init_control: links of %u bits, expected %u",
                       static_cast<unsigned>(argument.link_bits), static_cast<unsigned>(abi::fifo_link_bits));
  }
  return {};
}

Cpu_state Bringup::state(Cpu cpu) const noexcept {
  // Acquire: with `online` or `failed` comes all that the CPU wrote before it said so, its error and its token
  // among it (release in set()). Weaker, and they could be read as they were before.
  return static_cast<Cpu_state>(std::atomic_ref{slots_[cpu.value()].state}.load(std::memory_order_acquire));
}

void Bringup::set(Cpu cpu, Cpu_state state) noexcept {
  // Release: for the acquire in state(), for which see there.
  std::atomic_ref{slots_[cpu.value()].state}.store(static_cast<std::uint32_t>(state), std::memory_order_release);
}

std::uint32_t Bringup::online() const noexcept {
  std::uint32_t count = 0;
  for (std::uint32_t index = 0; index < slots_.size(); ++index) {
    count += state(Cpu{index}) == Cpu_state::online ? 1U : 0U;
  }
  return count;
}

Result<Starting_context> Bringup::boot(Mpidr own) const noexcept {
  const Cpu self{0};
  ENLIGHTEN_TRY(map_->confirm(self, own));
  return Starting_context{self, map_->id(self), *xen_};
}

Result<> Bringup::claim(std::span<const Cpu> cpus) noexcept {
  for (std::size_t index = 0; index < cpus.size(); ++index) {
    const Cpu cpu = cpus[index];
    if (!map_->contains(cpu)) {
      release(cpus.first(index));
      return Error::make(Error_kind::argument, "cpu %u does not exist: there are %u",
                         static_cast<unsigned>(cpu.value()), static_cast<unsigned>(map_->size()));
    }
    auto expected = static_cast<std::uint32_t>(Cpu_state::offline);
    if (!std::atomic_ref{slots_[cpu.value()].state}.compare_exchange_strong(
            expected, static_cast<std::uint32_t>(Cpu_state::wanted), std::memory_order_relaxed)) {
      release(cpus.first(index));
      return Error::make(Error_kind::argument, "cpu %u cannot be started: it is %s",
                         static_cast<unsigned>(cpu.value()), name(static_cast<Cpu_state>(expected)));
    }
    slots_[cpu.value()].error.reset();
  }
  return {};
}

void Bringup::release(std::span<const Cpu> cpus) noexcept {
  for (const Cpu cpu : cpus) {
    set(cpu, Cpu_state::offline);
  }
}

// Position 0 is the CPU that asks; the children of position p are 2p + 1 and 2p + 2.
void Bringup::line_up(std::span<const Cpu> cpus, Cpu self) noexcept {
  std::uint32_t position = 0;
  slots_[position].in_order = self;
  slots_[self.value()].position = position++;
  for (const Cpu cpu : cpus) {
    slots_[position].in_order = cpu;
    slots_[cpu.value()].position = position++;
  }
  line_length_ = position;
}

void Bringup::start_children(Cpu self, std::uint64_t entry) noexcept {
  const std::uint32_t position = slots_[self.value()].position;
  start_subtree(2 * position + 1, entry);
  start_subtree(2 * position + 2, entry);
}

// Whoever cannot be turned on cannot turn on others: its children fall to the caller. The depth is that of the
// tree.
void Bringup::start_subtree(std::uint32_t position, std::uint64_t entry) noexcept {
  if (position >= line_length_) {
    return;
  }
  const Cpu cpu = slots_[position].in_order;
  set(cpu, Cpu_state::starting);
  cpu_local().calls.count(Call::psci_cpu_on);
  trace(Trace_kind::cpu_on, cpu.value());
  // The context is this CPU's index, for the reader of a trace: entry code does not trust it.
  if (const Result<> turned_on = psci_->cpu_on(map_->mpidr(cpu), entry, cpu.value()); !turned_on) {
    slots_[cpu.value()].error = turned_on.error();
    set(cpu, Cpu_state::failed);
    start_subtree(2 * position + 1, entry);
    start_subtree(2 * position + 2, entry);
  }
}

Result<Starting_context> Bringup::arrive(Cpu self, Mpidr own, std::uint64_t entry) noexcept {
  start_children(self, entry);
  ENLIGHTEN_TRY(map_->confirm(self, own));
  return Starting_context{self, map_->id(self), *xen_};
}

void Bringup::arrived(Cpu self, const Result<>& outcome) noexcept {
  if (!outcome) {
    slots_[self.value()].error = outcome.error();
  }
  set(self, outcome ? Cpu_state::online : Cpu_state::failed);
}

void Bringup::leaving(Cpu self) noexcept {
  set(self, Cpu_state::stopping);
}

Result<bool> Bringup::is_off(Cpu cpu) const noexcept {
  cpu_local().calls.count(Call::psci_other);
  return ENLIGHTEN_TRY(psci_->cpu_power(map_->mpidr(cpu))) == arch::Cpu_power::off;
}

}  // namespace enlighten::guest
