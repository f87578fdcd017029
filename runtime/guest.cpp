// SPDX-License-Identifier: MIT
// Turns CPUs on and off and waits for them, and answers what a program asks about the guest.
#include <runtime/guest.hpp>

#include <arch/counter.hpp>
#include <arch/processor.hpp>
#include <arch/start.hpp>
#include <runtime/panic.hpp>
#include <runtime/steps.hpp>

namespace enlighten::runtime {
namespace {

// Without any progress for this long, a CPU is given up. Generous: an emulator on a busy host takes its time.
constexpr auto patience = std::chrono::seconds{30};

}  // namespace

Result<guest::Ready_vcpu> Guest::ready(Cpu cpu) const noexcept {
  if (!xen_domain()) {
    return Error::make(Error_kind::not_on_xen, "event channels: not on Xen");
  }
  if (!map_->contains(cpu)) {
    return Error::make(Error_kind::argument, "cpu %u does not exist: there are %u",
                       static_cast<unsigned>(cpu.value()), static_cast<unsigned>(cpus()));
  }
  // The state's acquire comes first: with `online` comes the token.
  const guest::Cpu_state state = bringup_->state(cpu);
  const std::optional<guest::Ready_vcpu>& token = vcpus_[cpu.value()]->ready_;
  const bool been_online = state == guest::Cpu_state::online || state == guest::Cpu_state::stopping;
  if (!been_online || !token) {
    return Error::make(Error_kind::argument, "cpu %u is not ready for events: it is %s",
                       static_cast<unsigned>(cpu.value()), guest::name(state));
  }
  return *token;
}

Result<> Guest::start_all() noexcept {
  std::size_t count = 0;
  for (std::uint32_t index = 0; index < cpus(); ++index) {
    if (bringup_->state(Cpu{index}) == guest::Cpu_state::offline) {
      scratch_[count++] = Cpu{index};
    }
  }
  return start(scratch_.first(count));
}

Result<> Guest::start(Cpu cpu) noexcept {
  return start(std::span{&cpu, 1});
}

Result<> Guest::start(std::span<const Cpu> cpus) noexcept {
  ENLIGHTEN_TRY(bringup_->start<Steps::all>(*this, cpus, this_vcpu().cpu, arch::secondary_entry()));
  return wait_for(cpus);
}

Result<> Guest::wait_for(std::span<const Cpu> cpus) noexcept {
  std::uint32_t settled = 0;
  for (Instant last_progress = Clock::now(); settled < cpus.size();) {
    std::uint32_t now = 0;
    for (const Cpu cpu : cpus) {
      const guest::Cpu_state state = bringup_->state(cpu);
      now += state == guest::Cpu_state::online || state == guest::Cpu_state::failed ? 1U : 0U;
    }
    if (now != settled) {
      settled = now;
      last_progress = Clock::now();
    } else if (Clock::now() - last_progress > patience) {
      break;
    } else {
      arch::relax();
    }
  }
  for (const Cpu cpu : cpus) {
    const guest::Cpu_state state = bringup_->state(cpu);
    if (state == guest::Cpu_state::failed) {
      return *bringup_->error(cpu);
    }
    if (state != guest::Cpu_state::online) {
      return Error::make(Error_kind::timed_out, "cpu %u (vCPU %u) did not come online: it is %s",
                         static_cast<unsigned>(cpu.value()), static_cast<unsigned>(map_->id(cpu).value()),
                         guest::name(state));
    }
  }
  return {};
}

Result<> Guest::stop(Cpu cpu) noexcept {
  Vcpu& self = this_vcpu();
  if (!map_->contains(cpu) || cpu == self.cpu || !is_online(cpu)) {
    return Error::make(Error_kind::argument, "cpu %u cannot be stopped: %s", static_cast<unsigned>(cpu.value()),
                       cpu == self.cpu ? "it is the one that asks" : "it is not online");
  }
  struct Stop : Work {
    Vcpu* target;
  } stop;
  Vcpu& target = vcpu(cpu);
  target.heir_ = self.ready_;
  stop.target = &target;
  stop.run = [](Work& work) { static_cast<Stop&>(work).target->leave_ = Vcpu::leave; };
  target.post(stop);
  for (const Instant begun = Clock::now();;) {
    if (bringup_->state(cpu) == guest::Cpu_state::stopping && ENLIGHTEN_TRY(bringup_->is_off(cpu))) {
      bringup_->gone(cpu);
      return {};
    }
    if (Clock::now() - begun > patience) {
      // `stop` may still be in the target's inbox: its memory must not go.
      panic("cpu %u did not stop within %lld s", static_cast<unsigned>(cpu.value()),
            static_cast<long long>(patience.count()));
    }
    arch::relax();
  }
}

std::optional<std::chrono::nanoseconds> Guest::wall_clock() const noexcept {
  if (shared_info_ == nullptr) {
    return std::nullopt;
  }
  return read_wall_clock(*shared_info_, arch::counter(), counter_hertz());
}

std::uint32_t Guest::calls(guest::Call call) const noexcept {
  std::uint32_t sum = 0;
  for (const Vcpu* const vcpu : vcpus_) {
    sum += vcpu->calls[call];
  }
  return sum;
}

void* Guest::page() noexcept {
  const std::optional<std::uint64_t> page = memory().allocate_pages(1);
  return page ? reinterpret_cast<void*>(*page) : nullptr;
}

}  // namespace enlighten::runtime
