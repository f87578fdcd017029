// SPDX-License-Identifier: MIT
// What counter.cpp uses of QEMU's interface for TCG plugins, version 4 (QEMU 10): Debian has no header of it. The
// functions are QEMU's own and glib's, which QEMU has loaded; they are found when QEMU loads the plugin.
// [qemu] TCG Plugins; types have names of our own, which nobody links by
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

struct Block;
struct Instruction;
struct Register;

struct Register_descriptor {
  Register* handle;
  const char* name;
  const char* feature;
};

// The start of glib's GByteArray and GArray, which is all of them that is public.
struct Glib_bytes {
  std::uint8_t* data;
  unsigned int length;
};
struct Glib_array {
  char* data;
  unsigned int length;
};

using Plugin_id = std::uint64_t;
using Plugin_call = void (*)(unsigned int vcpu, void* user);

enum class Reads : int { no_registers, registers };

void qemu_plugin_register_vcpu_init_cb(Plugin_id id, void (*call)(Plugin_id, unsigned int));
void qemu_plugin_register_vcpu_tb_trans_cb(Plugin_id id, void (*call)(Plugin_id, Block*));
void qemu_plugin_register_vcpu_tb_exec_cb(Block* block, Plugin_call call, Reads flags, void* user);
void qemu_plugin_register_vcpu_insn_exec_cb(Instruction* instruction, Plugin_call call, Reads flags, void* user);
std::size_t qemu_plugin_tb_n_insns(const Block* block);
Instruction* qemu_plugin_tb_get_insn(const Block* block, std::size_t index);
std::size_t qemu_plugin_insn_data(const Instruction* instruction, void* to, std::size_t bytes);

Glib_array* qemu_plugin_get_registers(void);
int qemu_plugin_read_register(Register* handle, Glib_bytes* to);
bool qemu_plugin_read_memory_vaddr(std::uint64_t address, Glib_bytes* to, std::size_t bytes);

Glib_bytes* g_byte_array_new(void);
Glib_bytes* g_byte_array_set_size(Glib_bytes* array, unsigned int length);

}  // extern "C"
