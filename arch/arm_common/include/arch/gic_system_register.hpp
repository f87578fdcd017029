// SPDX-License-Identifier: MIT
// The GICv3 CPU interface's registers, by name: <arch/gic_registers.hpp> reads and writes them.
#pragma once

#include <cstdint>

namespace enlighten::arch {

// [gic] 12.2, AArch64 system registers for group 1 interrupts, non-secure copies.
enum class Gic_system_register : std::uint8_t {
  acknowledge,          // ICC_IAR1     RO  INTID 23:0; reading acknowledges
  end,                  // ICC_EOIR1    WO  INTID 23:0
  highest_pending,      // ICC_HPPIR1   RO  INTID 23:0; reading changes nothing
  priority_mask,        // ICC_PMR      RW  7:0, only priorities numerically below it interrupt
  binary_point,         // ICC_BPR1     RW  2:0
  active_priorities_0,  // ICC_AP1R0    RW  and 1 to 3 where there are more than 5, 6 bits of priority
  active_priorities_1,  // ICC_AP1R1
  active_priorities_2,  // ICC_AP1R2
  active_priorities_3,  // ICC_AP1R3
  control,              // ICC_CTLR     RW  EOImode 1, PRIbits 10:8, RSS 18
  system_registers,     // ICC_SRE      RW  SRE 0
  group_enable,         // ICC_IGRPEN1  RW  Enable 0
  software_interrupt,   // ICC_SGI1R    WO  see Sgi_request
};

}  // namespace enlighten::arch
