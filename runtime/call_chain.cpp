// SPDX-License-Identifier: MIT
// The callers of a function, by the frame records that the calling convention has each function leave.
#include <arch/exception_frame.hpp>
#include <arch/start.hpp>
#include <runtime/memory.hpp>

#include "crash_report.hpp"

namespace enlighten::runtime {
namespace {

[[nodiscard]] bool readable(std::uint64_t address) noexcept {
  const arch::Image_layout image = arch::image_layout();
  const guest::Memory_range heap = memory().heap();
  const bool in_data = address >= image.data && address + sizeof(arch::Frame_record) <= image.end;
  const bool in_heap = address >= heap.base && address + sizeof(arch::Frame_record) <= heap.base + heap.size;
  return address % 8 == 0 && (in_data || in_heap) && !memory().stacks().guarded(address) &&
         !memory().stacks().guarded(address + sizeof(arch::Frame_record) - 1);
}

}  // namespace

// Return addresses point behind the call: one less names the line of the call itself.
void crash_report::write_callers(unsigned first, std::uint64_t frame) noexcept {
  for (unsigned number = first; number < most_frames && readable(frame); ++number) {
    const auto& record = *reinterpret_cast<const arch::Frame_record*>(frame);
    if (record.return_address == 0) {
      return;
    }
    write_place(number, record.return_address - 4);
    if (record.caller <= frame) {
      return;
    }
    frame = record.caller;
  }
}

}  // namespace enlighten::runtime
