// SPDX-License-Identifier: MIT
// Power State Coordination: turning CPUs and the machine on and off, by calls to firmware or to Xen in its place.
#pragma once

#include <cstdint>

#include <abi/psci.hpp>
#include <arch/conduit.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>

namespace enlighten::arch {

struct Psci_version {
  std::uint16_t major;
  std::uint16_t minor;

  friend constexpr auto operator<=>(Psci_version, Psci_version) noexcept = default;
};

// Version 0.1 has no function ids of its own: each machine's description tells them.
struct Psci_0_1_functions {
  std::uint32_t cpu_off;
  std::uint32_t cpu_on;
};

// What firmware says of a CPU. Xen answers "off" for CPUs that do not exist as well.
enum class Cpu_power : std::uint8_t { on, off, coming_on };

// Errors are of kind `firmware` with PSCI's own number ([psci] 5.2.2) and name the call.
class Psci {
 public:
  // 0.2 and later, whose ids are fixed ([psci] 5.1).
  explicit Psci(Conduit conduit) noexcept;
  Psci(Conduit conduit, Psci_0_1_functions functions) noexcept;

  [[nodiscard]] Result<Psci_version> version() const noexcept;

  // Whether firmware implements a function; from 1.0 on.
  [[nodiscard]] Result<bool> has(abi::Psci_function function) const noexcept;

  // The CPU starts at `entry`, a physical address, with its MMU and caches off and `context` in its first register.
  // It may not have got there when this returns. What it reads before its caches are on must have been cleaned to
  // the point of coherency. Xen may lose `context` and leave registers of the CPU's previous life, so entry code
  // relies on neither.
  [[nodiscard]] Result<> cpu_on(Mpidr target, std::uint64_t entry, std::uint64_t context) const noexcept;

  // Turns the calling CPU off; returns only if it is refused.
  [[nodiscard]] Error cpu_off() const noexcept;

  // What to call to turn a CPU off, for code that must not touch its stack any more.
  [[nodiscard]] std::uint32_t cpu_off_function() const noexcept { return cpu_off_; }
  [[nodiscard]] Conduit conduit() const noexcept { return conduit_; }

  // From 0.2 on.
  [[nodiscard]] Result<Cpu_power> cpu_power(Mpidr target) const noexcept;

  // The whole machine; they return only if refused. From 0.2 on.
  [[nodiscard]] Error system_off() const noexcept;
  [[nodiscard]] Error system_reset() const noexcept;

 private:
  [[nodiscard]] std::int32_t call(std::uint32_t function, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                                  std::uint64_t a3 = 0) const noexcept;
  [[nodiscard]] Error final_call(abi::Psci_function function, const char* name) const noexcept;

  std::uint32_t cpu_off_;
  std::uint32_t cpu_on_;
  Conduit conduit_;
  bool version_0_1_;
};

}  // namespace enlighten::arch
