// SPDX-License-Identifier: MIT
// How a vCPU of the host's enters an image, which is a program of the host's, and what an image asks as it starts.
#include <arch/start.hpp>

#include <cstdio>
#include <cstdlib>

#include <abi/hypercall.hpp>
#include <abi/xen_version.hpp>
#include <arch/hosted_image.hpp>
#include <arch/hypercall.hpp>
#include <arch/processor.hpp>
#include <arch/smccc.hpp>

// What GNU ld and glibc's start-up call the parts of a program.
extern "C" {
extern const char __executable_start[];
extern const char etext[];
extern char data_start[];
extern char end[];
}

// What an image's linker script says of thread_local variables and of constructors: on a host both are the C
// library's, and an image has none of its own.
asm(".globl enlighten_thread_data, enlighten_thread_data_end, enlighten_thread_storage_end\n"
    ".globl enlighten_constructors, enlighten_constructors_end\n"
    ".pushsection .rodata\n"
    ".balign 16\n"
    "enlighten_thread_data:\n"
    "enlighten_thread_data_end:\n"
    "enlighten_thread_storage_end:\n"
    "enlighten_constructors:\n"
    "enlighten_constructors_end:\n"
    ".quad 0\n"
    ".popsection");

namespace enlighten::arch {

namespace {

constexpr std::uint64_t page = 4096;

// What publish_entry() was told: there is one image in a process, as there is one on a machine.
constinit std::span<const Cpu_record> entry_records{};
constinit Translation entry_translation{};

// The two pointers that fill_thread_storage() clears ([aapcs64] TLS); nobody reads them.
alignas(16) constinit std::byte boot_thread_storage[16]{};

[[nodiscard]] std::uint64_t address(const char* symbol) noexcept {
  return reinterpret_cast<std::uint64_t>(symbol);
}

// Where PSCI lets a secondary begin, with the argument that CPU_ON was given.
[[noreturn]] void secondary(std::uint64_t /*context*/) {
  const std::uint64_t own = current_mpidr().value();
  for (const Cpu_record& record : entry_records) {
    if (record.mpidr == own) {
      hosted::current_machine("CPU_ON").use_translation(entry_translation);
      set_cpu_local(record.local);
      enlighten_start_secondary();
    }
  }
  std::fprintf(stderr, "enlighten: CPU_ON for the affinity %#llx, which the image has no record of\n",
               static_cast<unsigned long long>(own));
  std::abort();
}

}  // namespace

namespace hosted {

void enter_image(std::uint64_t entry, std::uint64_t first_argument) {
  reinterpret_cast<void (*)(std::uint64_t)>(entry)(first_argument);
}

std::uint64_t image_entry() noexcept {
  return reinterpret_cast<std::uint64_t>(&enlighten_start);
}

}  // namespace hosted

// Code and constants lie in segments of their own, whole pages apart from what is written.
Image_layout image_layout() noexcept {
  const std::uint64_t constants = (address(etext) + page - 1) & ~(page - 1);
  return {address(__executable_start) & ~(page - 1), constants, address(data_start) & ~(page - 1), address(end)};
}

// All of the process can be reached from the beginning.
bool Early_tables::map(const Mapping& /*mapping*/) noexcept {
  return true;
}

// A fiber or a thread has a stack of its own, of the size that the host's C library and sanitizers need.
void switch_translation(const Translation& translation, std::uint64_t /*stack_top*/, void (*next)()) noexcept {
  hosted::current_machine("switch_translation").use_translation(translation);
  next();
  std::abort();
}

void publish_entry(const Translation& translation, std::span<const Cpu_record> records) noexcept {
  entry_translation = translation;
  entry_records = records;
}

Exception_stack boot_exception_stack() noexcept {
  return {0, boot_thread_storage};
}

std::uint64_t secondary_entry() noexcept {
  return reinterpret_cast<std::uint64_t>(&secondary);
}

void leave(Conduit conduit, std::uint64_t function) noexcept {
  static_cast<void>(smccc(conduit, static_cast<std::uint32_t>(function)));
  std::fputs("enlighten: a call to the firmware that does not come back did\n", stderr);
  std::abort();
}

std::int64_t probe_xen_version() noexcept {
  return hypercall(abi::Hypercall::xen_version, static_cast<std::uint64_t>(abi::Xen_version_op::version));
}

}  // namespace enlighten::arch
