// SPDX-License-Identifier: MIT
// The hand-over between the entry code of a backend and the C++ that goes on from there, in both directions.
//
// The image provides enlighten_start(tree), where the CPU that boots arrives, and enlighten_start_secondary(),
// where every other one does; neither returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <arch/conduit.hpp>
#include <arch/exception_stack.hpp>
#include <arch/page_table.hpp>
#include <arch/translation.hpp>

extern "C" {
// Provided by the image.
[[noreturn]] void enlighten_start(std::uint64_t tree);
[[noreturn]] void enlighten_start_secondary();
}

namespace enlighten::arch {

// Where the image lies now, from its linker script; each part begins and ends on a page.
struct Image_layout {
  std::uint64_t text;       // RX, to `constants`
  std::uint64_t constants;  // R, to `data`
  std::uint64_t data;       // RW, to `end`
  std::uint64_t end;
};
[[nodiscard]] Image_layout image_layout() noexcept;

// What entry code looks up by a starting CPU's affinity.
struct Cpu_record {
  std::uint64_t mpidr;      // as class Mpidr holds it
  std::uint64_t stack_top;  // 16-byte aligned
  void* local;              // becomes cpu_local(); begins with an Exception_stack
};

// The page tables that start-up began with, in a few pages of the image's own. Used while no other memory is known.
class Early_tables {
 public:
  // Adds to what is mapped now. Fails when the pages are used up.
  [[nodiscard]] static bool map(const Mapping& mapping) noexcept;
};

// From the present tables to others, on another stack, in a function that does not return. `next` and what it needs
// must be mapped at their own addresses by both.
[[noreturn]] void switch_translation(const Translation& translation, std::uint64_t stack_top,
                                     void (*next)()) noexcept;

// What every CPU that PSCI turns on from now on starts with; `records` must stay where it is.
// Cleaned to the point of coherency, because entry code reads it before its caches are on.
void publish_entry(const Translation& translation, std::span<const Cpu_record> records) noexcept;

// For the CPU that boots, until it has one of its own.
[[nodiscard]] Exception_stack boot_exception_stack() noexcept;

// Physical address for PSCI CPU_ON.
[[nodiscard]] std::uint64_t secondary_entry() noexcept;

// PSCI CPU_OFF, or any call that does not come back, with the MMU already off.
[[noreturn]] void leave(Conduit conduit, std::uint64_t function) noexcept;

// Asks Xen for its version by a call that is harmless where there is no Xen: major << 16 | minor, negative without.
[[nodiscard]] std::int64_t probe_xen_version() noexcept;

}  // namespace enlighten::arch
