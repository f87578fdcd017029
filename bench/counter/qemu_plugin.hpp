// SPDX-License-Identifier: MIT
// What counter.cpp uses of QEMU's interface for TCG plugins, version 4 (QEMU 10): Debian has no header of it. The
// functions are QEMU's own and glib's, which QEMU has loaded; they are found when QEMU loads the plugin.
// [qemu] docs/devel/tcg-plugins.rst
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_register;

struct qemu_plugin_reg_descriptor {
  qemu_plugin_register* handle;
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

using qemu_plugin_id_t = std::uint64_t;
using Plugin_call = void (*)(unsigned int vcpu, void* user);

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_CB_R_REGS };

void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, void (*call)(qemu_plugin_id_t, unsigned int));
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*call)(qemu_plugin_id_t, qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb* block, Plugin_call call, qemu_plugin_cb_flags flags,
                                          void* user);
void qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_insn* instruction, Plugin_call call,
                                            qemu_plugin_cb_flags flags, void* user);
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb* block, std::size_t index);
std::size_t qemu_plugin_insn_data(const qemu_plugin_insn* instruction, void* to, std::size_t bytes);

Glib_array* qemu_plugin_get_registers(void);
int qemu_plugin_read_register(qemu_plugin_register* handle, Glib_bytes* to);
bool qemu_plugin_read_memory_vaddr(std::uint64_t address, Glib_bytes* to, std::size_t bytes);

Glib_bytes* g_byte_array_new(void);
Glib_bytes* g_byte_array_set_size(Glib_bytes* array, unsigned int length);

}  // extern "C"
