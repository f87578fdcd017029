// SPDX-License-Identifier: MIT
// The GICv3 CPU interface of the vCPU that the current thread plays.
#pragma once

#include <cstdint>

#include <arch/hosted_machine.hpp>

namespace enlighten::arch {

template <Gic_system_register which>
[[nodiscard]] inline std::uint64_t read_gic() noexcept {
  return hosted::current_machine("read_gic").gic_read(which);
}

template <Gic_system_register which>
inline void write_gic(std::uint64_t value) noexcept {
  hosted::current_machine("write_gic").gic_write(which, value);
}

}  // namespace enlighten::arch
