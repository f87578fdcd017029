// SPDX-License-Identifier: MIT
// A TCG plugin that counts what a machine with Xen executes, to the instruction: the guests' share by vCPU, Xen's,
// and the ways into Xen. A guest says where to look by a mark, `hint #0x60` to `#0x6f`, which is a NOP to every
// CPU; each becomes a record (report/README.md) in the file that the plugin was told: what is counted from the
// guest's first instruction on.
//
// Options: out=FILE. QEMU runs every CPU on one thread, as -icount has it, so nothing here is locked.
#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string_view>
#include <utility>

#include "qemu_plugin.hpp"

extern "C" __attribute__((visibility("default"))) int qemu_plugin_version;
int qemu_plugin_version = 4;

namespace {

constexpr unsigned xen_level = 2;
constexpr unsigned general_registers = 31;

// Which vCPU: VTTBR_EL2.VMID tells the domain, VMPIDR_EL2 the vCPU in it. [arm] D19.2
struct Name {
  std::uint64_t domain = 0;
  std::uint64_t mpidr = 0;
  auto operator<=>(const Name&) const = default;
};

struct Vcpu {
  std::uint64_t executed = 0;
  // What had to be executed by others, one after the other, before this one could start.
  std::uint64_t before = 0;
  // Both together when it had nothing to do for the first time: its way to being online.
  std::uint64_t to_first_wait = 0;
};

struct Domain {
  bool seen = false;
  std::uint64_t xen_before = 0;
  std::uint64_t entries_before = 0;
  std::uint64_t hypercalls = 0;
  std::uint64_t firmware_calls = 0;
};

FILE* out;
std::array<Register*, general_registers> registers;
Register* pstate;
Register* vttbr;
Register* vmpidr;
Glib_bytes* bytes;
std::uint64_t entries;  // into Xen, counted by its ERETs
std::map<Name, Vcpu> vcpus;
std::map<std::uint64_t, Domain> domains;
Name running;  // of what a guest executed last
Vcpu* vcpu = nullptr;
Domain* domain = nullptr;
std::uint64_t executed_by_xen;

std::uint64_t read(Register* handle) {
  g_byte_array_set_size(bytes, 0);
  const int size = qemu_plugin_read_register(handle, bytes);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes->data,
              std::min<std::size_t>(size > 0 ? static_cast<std::size_t>(size) : 0, sizeof value));
  return value;
}

// x31 is the zero register where these instructions read it.
std::uint64_t read_x(unsigned index) {
  return index < general_registers ? read(registers[index]) : 0;
}

// Before each block of a guest's: whose it is. QEMU does not say: where one thread runs every CPU, version 10 tells
// a plugin the number of the CPU that a block was translated for.
void on_guest_block(unsigned, void*) {
  constexpr unsigned vmid_shift = 48;
  const Name now{.domain = read(vttbr) >> vmid_shift, .mpidr = read(vmpidr)};
  if (vcpu != nullptr && now == running) {
    return;
  }
  running = now;
  vcpu = &vcpus[now];
  domain = &domains[now.domain];
  if (!domain->seen) {
    domain->seen = true;
    domain->xen_before = executed_by_xen;
    domain->entries_before = entries;
  }
}

void on_guest_instruction(unsigned, void*) {
  ++vcpu->executed;
}

void on_xen_instruction(unsigned, void*) {
  ++executed_by_xen;
}

void on_return(unsigned, void*) {
  ++entries;
}

void on_hypercall(unsigned, void*) {
  ++domain->hypercalls;
}

// PSCI and the like. A CPU that is turned on starts after all that was executed to get here.
void on_firmware_call(unsigned, void*) {
  constexpr std::uint64_t cpu_on_32 = 0x8400'0003;
  constexpr std::uint64_t cpu_on_64 = 0xc400'0003;
  constexpr std::uint64_t affinity = 0xff'00ff'ffff;
  constexpr std::uint64_t always_one = std::uint64_t{1} << 31U;
  ++domain->firmware_calls;
  if (const std::uint64_t function = read_x(0); function == cpu_on_32 || function == cpu_on_64) {
    Vcpu& started = vcpus[{.domain = running.domain, .mpidr = (read_x(1) & affinity) | always_one}];
    if (started.executed == 0) {
      started.before = vcpu->before + vcpu->executed;
    }
  }
}

void on_wait(unsigned, void*) {
  if (vcpu->to_first_wait == 0) {
    vcpu->to_first_wait = vcpu->before + vcpu->executed;
  }
}

void print_name(std::uint64_t address) {
  constexpr std::size_t longest = 64;
  for (std::size_t index = 0; index < longest; ++index) {
    g_byte_array_set_size(bytes, 0);
    if (!qemu_plugin_read_memory_vaddr(address + index, bytes, 1) || bytes->data[0] <= ' ' ||
        bytes->data[0] > '~') {
      return;
    }
    std::fputc(bytes->data[0], out);
  }
}

void on_mark(unsigned, void* user) {
  const std::uint64_t name = read_x(0);
  const std::uint64_t value = read_x(1);
  std::uint64_t guest = 0;
  std::uint64_t chain = 0;
  for (const auto& [one_name, one] : vcpus) {
    if (one_name.domain == running.domain) {
      guest += one.executed;
      chain = std::max(chain, one.to_first_wait);
    }
  }
  std::fprintf(out, "enlighten: mark kind=%u name=", static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(user)));
  print_name(name);
  std::fprintf(out,
               " value=%" PRIu64 " guest=%" PRIu64 " xen=%" PRIu64 " entries=%" PRIu64 " hypercalls=%" PRIu64
               " firmware_calls=%" PRIu64 " chain=%" PRIu64 "\n",
               value, guest, executed_by_xen - domain->xen_before, entries - domain->entries_before,
               domain->hypercalls, domain->firmware_calls, chain);
  std::fflush(out);
}

// The exception level of code that is about to run, which QEMU translates for that level alone.
unsigned current_level() {
  return static_cast<unsigned>(read(pstate) >> 2U) & 3U;
}

void call(Instruction* instruction, Plugin_call what, std::uint64_t user = 0) {
  qemu_plugin_register_vcpu_insn_exec_cb(instruction, what, Reads::registers, reinterpret_cast<void*>(user));
}

// [arm] C6.2 has the encodings.
void look_at_guest(Instruction* instruction, std::uint32_t code) {
  constexpr std::uint32_t xen_tag = 0xea1;
  const std::uint32_t immediate = (code >> 5U) & 0xffffU;
  if ((code & 0xffe0'001fU) == 0xd400'0002U) {  // HVC
    call(instruction, immediate == xen_tag ? on_hypercall : on_firmware_call);
  } else if ((code & 0xffe0'001fU) == 0xd400'0003U) {  // SMC
    call(instruction, on_firmware_call);
  } else if (code == 0xd503'207fU) {  // WFI
    call(instruction, on_wait);
  } else if ((code & 0xffff'f01fU) == 0xd503'201fU && ((code >> 5U) & 0x70U) == 0x60U) {  // HINT
    call(instruction, on_mark, (code >> 5U) & 0xfU);
  }
}

void on_translation(Plugin_id, Block* block) {
  const bool of_guest = current_level() < xen_level;
  if (of_guest) {
    qemu_plugin_register_vcpu_tb_exec_cb(block, on_guest_block, Reads::registers, nullptr);
  }
  const std::size_t count = qemu_plugin_tb_n_insns(block);
  for (std::size_t index = 0; index < count; ++index) {
    Instruction* const instruction = qemu_plugin_tb_get_insn(block, index);
    std::uint32_t code = 0;
    qemu_plugin_insn_data(instruction, &code, sizeof code);
    // By a call each: QEMU's own addition to a counter of the CPU's has the same wrong number of it.
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, of_guest ? on_guest_instruction : on_xen_instruction,
                                           Reads::no_registers, nullptr);
    if (of_guest) {
      look_at_guest(instruction, code);
    } else if (code == 0xd69f'03e0U) {  // ERET
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_return, Reads::no_registers, nullptr);
    }
  }
}

void on_cpu(Plugin_id, unsigned int cpu) {
  if (cpu != 0) {
    return;
  }
  const Glib_array* const all = qemu_plugin_get_registers();
  for (unsigned index = 0; index < all->length; ++index) {
    Register_descriptor one;
    std::memcpy(&one, all->data + index * sizeof one, sizeof one);
    const std::string_view name{one.name};
    unsigned number = 0;
    if (name == "cpsr") {
      pstate = one.handle;
    } else if (name == "VTTBR_EL2") {
      vttbr = one.handle;
    } else if (name == "VMPIDR_EL2") {
      vmpidr = one.handle;
    } else if (std::sscanf(one.name, "x%u", &number) == 1 && number < general_registers) {
      registers[number] = one.handle;
    }
  }
  if (pstate == nullptr || vttbr == nullptr || vmpidr == nullptr || registers[0] == nullptr) {
    std::fputs("counter: this QEMU does not show the registers that tell whose an instruction is\n", stderr);
    std::exit(EXIT_FAILURE);
  }
}

}  // namespace

struct Qemu_info;

extern "C" __attribute__((visibility("default"))) int qemu_plugin_install(Plugin_id id, const Qemu_info*,
                                                                          int option_count, char** options) {
  constexpr std::string_view file = "out=";
  for (int index = 0; index < option_count; ++index) {
    if (std::string_view{options[index]}.starts_with(file)) {
      out = std::fopen(options[index] + file.size(), "w");
    }
  }
  if (out == nullptr) {
    std::fputs("counter: the option out=FILE is missing, or the file cannot be written\n", stderr);
    return -1;
  }
  bytes = g_byte_array_new();
  qemu_plugin_register_vcpu_init_cb(id, on_cpu);
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  return 0;
}
