// SPDX-License-Identifier: MIT
// Bringing CPUs online: which steps run where, who turns whom on, and who is where in it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include <abi/event_fifo.hpp>
#include <abi/vcpu_info.hpp>
#include <arch/psci.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>
#include <guest/hypercalls.hpp>
#include <guest/trace.hpp>
#include <guest/vcpu_identity.hpp>

namespace enlighten::guest {

class Bringup;

// For a step that runs before the CPU does, on another CPU. It has no hypercalls: nothing is asked of Xen in the
// name of a vCPU that has not run.
class Prepare_context {
 public:
  [[nodiscard]] Cpu cpu() const noexcept { return cpu_; }
  [[nodiscard]] Vcpu_id vcpu() const noexcept { return vcpu_; }

 private:
  friend class Bringup;
  Prepare_context(Cpu cpu, Vcpu_id vcpu) noexcept : cpu_{cpu}, vcpu_{vcpu} {}

  Cpu cpu_;
  Vcpu_id vcpu_;
};

// For a step that runs on the CPU it is about. Its identity was read from the CPU's own registers, and the
// hypercalls that name a vCPU are offered for that one only.
class Starting_context {
 public:
  [[nodiscard]] Cpu cpu() const noexcept { return cpu_; }
  [[nodiscard]] Vcpu_id vcpu() const noexcept { return vcpu_; }

  // Once in a vCPU's life; Xen keeps the place through CPU_OFF and CPU_ON.
  [[nodiscard]] Result<> register_vcpu_info(const abi::Vcpu_info& info) const noexcept {
    return xen_->register_vcpu_info(vcpu_, info);
  }
  // Once between two resets of event channels. The block must be zero.
  [[nodiscard]] Result<> init_control(const abi::Evtchn_fifo_control_block& block) const noexcept;

 private:
  friend class Bringup;
  Starting_context(Cpu cpu, Vcpu_id vcpu, const Hypercalls& xen) noexcept : xen_{&xen}, cpu_{cpu}, vcpu_{vcpu} {}

  const Hypercalls* xen_;
  Cpu cpu_;
  Vcpu_id vcpu_;
};

// One step of the sequence by which a CPU comes online, and its inverse. `prepare` runs on the CPU that asks,
// `start` and `stop` on the CPU itself; each may be absent. Machine is whatever the steps work on. The sequence is
// an array known to the compiler, so that an image contains the kinds it uses: one that turns no CPU off, no
// `stop`.
template <typename Machine>
struct Bringup_step {
  Result<> (*prepare)(Machine& machine, Prepare_context& context);
  Result<> (*start)(Machine& machine, Starting_context& context);
  void (*stop)(Machine& machine, Cpu self);
};

enum class Cpu_state : std::uint32_t {
  offline,
  wanted,    // prepared; somebody is to turn it on
  starting,  // CPU_ON has succeeded
  online,
  stopping,
  failed,  // see Cpu_slot::error
};

[[nodiscard]] const char* name(Cpu_state state) noexcept;

// What is known of each CPU; storage of the caller's, one for every entry of the map.
struct Cpu_slot {
  std::uint32_t state = static_cast<std::uint32_t>(Cpu_state::offline);
  std::uint32_t position = 0;  // in the order of the bring-up under way
  Cpu in_order{0};             // who has position [index of this slot]
  std::optional<Error> error;
};

// Turns CPUs on and off and keeps track. One bring-up or take-down at a time; any CPU may ask.
class Bringup {
 public:
  Bringup(const Vcpu_map& map, const Hypercalls& xen, arch::Psci& psci, std::span<Cpu_slot> slots) noexcept
      : map_{&map}, xen_{&xen}, psci_{&psci}, slots_{slots} {}

  [[nodiscard]] Cpu_state state(Cpu cpu) const noexcept;
  [[nodiscard]] const std::optional<Error>& error(Cpu cpu) const noexcept { return slots_[cpu.value()].error; }
  [[nodiscard]] std::uint32_t online() const noexcept;

  // The boot CPU's way in: it runs already, and is asked who it is all the same.
  [[nodiscard]] Result<Starting_context> boot(Mpidr own) const noexcept;

  // Prepares `cpus`, all offline, and turns them on. CPU_ON fans out: each CPU turns on two others as the first
  // thing it does. Returns when the first two calls are made; the rest is watched with state().
  template <const auto& steps, typename Machine>
  [[nodiscard]] Result<> start(Machine& machine, std::span<const Cpu> cpus, Cpu self,
                               std::uint64_t entry) noexcept {
    ENLIGHTEN_TRY(claim(cpus));
    for (const Cpu cpu : cpus) {
      Prepare_context context{cpu, map_->id(cpu)};
      Result<> prepared;
      each_step<steps>([&]<std::size_t index> {
        if constexpr (steps[index].prepare != nullptr) {
          prepared = steps[index].prepare(machine, context);
        }
        return prepared.has_value();
      });
      if (!prepared) {
        release(cpus);
        return prepared;
      }
    }
    line_up(cpus, self);
    start_children(self, entry);
    return {};
  }

  // A secondary's way in, before anything else: turns on those behind it in the tree, then says who it is.
  [[nodiscard]] Result<Starting_context> arrive(Cpu self, Mpidr own, std::uint64_t entry) noexcept;

  template <const auto& steps, typename Machine>
  [[nodiscard]] static Result<> run_steps(Machine& machine, Starting_context& context) noexcept {
    Result<> outcome;
    each_step<steps>([&]<std::size_t index> {
      if constexpr (steps[index].start != nullptr) {
        trace(Trace_kind::step_begin, 0, index);
        outcome = steps[index].start(machine, context);
        trace(Trace_kind::step_end, 0, index);
      }
      return outcome.has_value();
    });
    return outcome;
  }

  template <const auto& steps, typename Machine>
  static void run_inverse_steps(Machine& machine, Cpu self) noexcept {
    each_step<steps>([&]<std::size_t index> {
      constexpr std::size_t from_the_last = std::size(steps) - 1 - index;
      if constexpr (steps[from_the_last].stop != nullptr) {
        steps[from_the_last].stop(machine, self);
      }
      return true;
    });
  }

  // Publishes how the starting steps of `self` went.
  void arrived(Cpu self, const Result<>& outcome) noexcept;
  void leaving(Cpu self) noexcept;

  // Whether a CPU that is leaving() has really been turned off, as the firmware sees it.
  [[nodiscard]] Result<bool> is_off(Cpu cpu) const noexcept;
  // Makes a CPU that is_off() available again.
  void gone(Cpu cpu) noexcept { set(cpu, Cpu_state::offline); }

 private:
  // Visits the index of one step after the other, up to the first visit that returns false.
  template <const auto& steps, typename Visit>
  static void each_step(Visit visit) noexcept {
    [&]<std::size_t... index>(std::index_sequence<index...>) {
      static_cast<void>((visit.template operator()<index>() && ...));
    }(std::make_index_sequence<std::size(steps)>{});
  }

  // All of them or none.
  [[nodiscard]] Result<> claim(std::span<const Cpu> cpus) noexcept;
  void release(std::span<const Cpu> cpus) noexcept;
  void line_up(std::span<const Cpu> cpus, Cpu self) noexcept;
  void start_children(Cpu self, std::uint64_t entry) noexcept;
  void start_subtree(std::uint32_t position, std::uint64_t entry) noexcept;
  void set(Cpu cpu, Cpu_state state) noexcept;

  const Vcpu_map* map_;
  const Hypercalls* xen_;
  arch::Psci* psci_;
  std::span<Cpu_slot> slots_;
  std::uint32_t line_length_ = 0;
};

}  // namespace enlighten::guest
