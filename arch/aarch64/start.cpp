// SPDX-License-Identifier: MIT
// C++ faces of the assembly in entry.S, and the proof that both agree on the layout of what they share.
#include <arch/start.hpp>

#include <cstddef>

#include <arch/cache.hpp>
#include <arch/exception_frame.hpp>

#include "entry_layout.h"

namespace enlighten::arch {
namespace {

struct Entry_block {
  Translation translation;
  const Cpu_record* records;
  std::uint64_t count;
};

static_assert(offsetof(Translation, table) == TRANSLATION_TABLE);
static_assert(offsetof(Translation, control) == TRANSLATION_TABLE + 8);
static_assert(offsetof(Translation, memory_attributes) == TRANSLATION_ATTRIBUTES);
static_assert(sizeof(Translation) == TRANSLATION_SIZE);
static_assert(offsetof(Entry_block, records) == ENTRY_RECORDS);
static_assert(offsetof(Entry_block, count) == ENTRY_RECORDS + 8);
static_assert(offsetof(Cpu_record, mpidr) == RECORD_MPIDR);
static_assert(offsetof(Cpu_record, stack_top) == RECORD_STACK);
static_assert(offsetof(Cpu_record, local) == RECORD_STACK + 8);
static_assert(sizeof(Cpu_record) == RECORD_SIZE);
static_assert(offsetof(Exception_stack, top) == LOCAL_EXCEPTION_STACK);
static_assert(offsetof(Exception_stack, thread_pointer) == LOCAL_THREAD_POINTER);
static_assert(offsetof(Exception_frame, stack_pointer) == FRAME_SP);
static_assert(offsetof(Exception_frame, return_address) == FRAME_ELR);
static_assert(offsetof(Exception_frame, syndrome) == FRAME_ESR);
static_assert(offsetof(Exception_frame, vector) == FRAME_VECTOR);
static_assert(sizeof(Exception_frame) == FRAME_SIZE);
static_assert(system_control_off == SCTLR_MMU_OFF);
static_assert(system_control_on == SCTLR_MMU_ON);

}  // namespace

extern "C" {
extern const char _start[];
extern const char enlighten_constants[];
extern const char enlighten_data[];
extern const char enlighten_image_end[];
extern const char enlighten_boot_exception_stack_end[];
extern std::byte enlighten_boot_thread_storage[];
void enlighten_secondary_entry();
[[noreturn]] void enlighten_switch_tables(const Translation* translation, std::uint64_t stack, void (*next)());
[[noreturn]] void enlighten_leave(std::uint64_t function, std::uint64_t conduit_is_smc);
std::int64_t enlighten_probe_hypercall();

alignas(Entry_block) constinit Entry_block enlighten_entry_block{};
}

Image_layout image_layout() noexcept {
  const auto address = [](const char* symbol) { return reinterpret_cast<std::uint64_t>(symbol); };
  return {address(_start), address(enlighten_constants), address(enlighten_data), address(enlighten_image_end)};
}

void switch_translation(const Translation& translation, std::uint64_t stack_top, void (*next)()) noexcept {
  enlighten_switch_tables(&translation, stack_top, next);
}

void publish_entry(const Translation& translation, std::span<const Cpu_record> records) noexcept {
  enlighten_entry_block = {translation, records.data(), records.size()};
  clean_to_coherency(&enlighten_entry_block, sizeof enlighten_entry_block);
}

Exception_stack boot_exception_stack() noexcept {
  return {reinterpret_cast<std::uint64_t>(enlighten_boot_exception_stack_end), enlighten_boot_thread_storage};
}

std::uint64_t secondary_entry() noexcept {
  return reinterpret_cast<std::uint64_t>(&enlighten_secondary_entry);
}

void leave(Conduit conduit, std::uint64_t function) noexcept {
  enlighten_leave(function, conduit == Conduit::smc ? 1 : 0);
}

std::int64_t probe_xen_version() noexcept {
  return enlighten_probe_hypercall();
}

}  // namespace enlighten::arch
