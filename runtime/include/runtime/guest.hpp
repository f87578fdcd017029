// SPDX-License-Identifier: MIT
// The guest as a program sees it: its machine, its CPUs, its events, and turning CPUs on and off.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <abi/shared_info.hpp>
#include <arch/gic.hpp>
#include <arch/psci.hpp>
#include <base/result.hpp>
#include <guest/boot_arguments.hpp>
#include <guest/bringup.hpp>
#include <guest/device_tree.hpp>
#include <guest/event_channels.hpp>
#include <guest/hypercalls.hpp>
#include <guest/page_source.hpp>
#include <guest/vcpu_identity.hpp>
#include <runtime/memory.hpp>
#include <runtime/vcpu.hpp>
#include <runtime/wall_clock.hpp>

namespace enlighten::runtime {

// There is one, made by start-up before guest_main() is called.
class Guest final : public guest::Page_source {
 public:
  [[nodiscard]] const guest::Device_tree& tree() const noexcept { return tree_; }
  [[nodiscard]] std::string_view bootargs() const noexcept { return bootargs_; }
  // The value of the word `key=value` on the command line.
  [[nodiscard]] std::optional<std::string_view> argument(std::string_view key) const noexcept {
    return guest::boot_argument(bootargs_, key);
  }

  [[nodiscard]] bool xen_domain() const noexcept { return xen_.xen_domain(); }
  [[nodiscard]] const guest::Hypercalls& xen() const noexcept { return xen_; }
  // On Xen; without, every operation is an error of kind not_on_xen.
  [[nodiscard]] guest::Event_channels& events() noexcept { return events_; }
  // "fifo", "2l", or "none" without Xen.
  [[nodiscard]] const char* event_abi() const noexcept {
    return xen_domain() ? guest::name(events_.abi()) : "none";
  }

  // Possible CPUs; Cpu{0} is the one that booted.
  [[nodiscard]] std::uint32_t cpus() const noexcept { return map_->size(); }
  [[nodiscard]] std::uint32_t online() const noexcept { return bringup_->online(); }
  [[nodiscard]] bool is_online(Cpu cpu) const noexcept { return bringup_->state(cpu) == guest::Cpu_state::online; }
  [[nodiscard]] Vcpu& vcpu(Cpu cpu) noexcept { return *vcpus_[cpu.value()]; }
  [[nodiscard]] const guest::Vcpu_map& map() const noexcept { return *map_; }

  // What Xen writes, on Xen; for programs that look at it themselves.
  [[nodiscard]] abi::Shared_info& shared_info() noexcept { return *shared_info_; }
  [[nodiscard]] abi::Vcpu_info& vcpu_info(Cpu cpu) noexcept { return vcpus_[cpu.value()]->shared_.info; }

  // How Xen announces events; none without Xen.
  [[nodiscard]] std::optional<Interrupt> upcall_interrupt() const noexcept { return upcall_; }
  [[nodiscard]] Interrupt timer_interrupt() const noexcept { return timer_; }

  // For programs that look at it themselves.
  [[nodiscard]] const arch::Gic& gic() const noexcept { return *gic_; }

  // To bind ports to `cpu`: an error until its starting steps are done, or without Xen.
  [[nodiscard]] Result<guest::Ready_vcpu> ready(Cpu cpu) const noexcept;

  // Every CPU that is offline; returns when all are online, or says which is not and why.
  [[nodiscard]] Result<> start_all() noexcept;
  [[nodiscard]] Result<> start(Cpu cpu) noexcept;
  // Ports that can move go to the calling CPU; what the others are sent meanwhile is delivered when `cpu` is back.
  // Its coroutines, timers and posted work stay where they are and go on then. Not for the calling CPU itself.
  [[nodiscard]] Result<> stop(Cpu cpu) noexcept;

  // Nanoseconds since 1970, if Xen has been told the time.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> wall_clock() const noexcept;

  // Hypercalls and PSCI calls of all CPUs so far, by kind.
  [[nodiscard]] std::uint32_t calls(guest::Call call) const noexcept;

  // A page as Page_source says.
  [[nodiscard]] void* page() noexcept override;

 private:
  friend class Vcpu;
  friend class Start;
  friend class Steps;

  Guest(const guest::Hypercalls& xen, const guest::Device_tree& tree, arch::Psci psci) noexcept
      : tree_{tree}, xen_{xen}, psci_{psci}, events_{xen_, *this} {}

  [[nodiscard]] Result<> start(std::span<const Cpu> cpus) noexcept;
  [[nodiscard]] Result<> wait_for(std::span<const Cpu> cpus) noexcept;

  guest::Device_tree tree_;
  std::string_view bootargs_;
  guest::Hypercalls xen_;
  arch::Psci psci_;
  guest::Event_channels events_;
  std::optional<guest::Vcpu_map> map_;
  std::span<Vcpu*> vcpus_;
  std::span<Cpu> scratch_;  // room for the list of CPUs being started
  std::optional<guest::Bringup> bringup_;
  std::optional<arch::Gic> gic_;
  std::optional<Interrupt> upcall_;
  Interrupt timer_{0};
  abi::Shared_info* shared_info_ = nullptr;
};

}  // namespace enlighten::runtime
