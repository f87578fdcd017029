// SPDX-License-Identifier: MIT
// One domain: its vCPUs, its memory, and what Xen answers when one of its vCPUs calls.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <abi/hvm_op.hpp>
#include <abi/psci.hpp>
#include <abi/sched_op.hpp>
#include <model/event_channels.hpp>
#include <model/gic.hpp>
#include <model/grant_table.hpp>
#include <model/lock.hpp>
#include <model/machine_memory.hpp>
#include <model/memory_operations.hpp>
#include <model/vcpu_state.hpp>

namespace enlighten::model {

class Xen;

struct Domain_options {
  std::uint32_t vcpus = 1;
  std::uint64_t ram_pages = 4096;
  std::uint64_t most_ram_pages = 4096;
  Vcpu_id boot_vcpu{0};  // Xen's own choice is always 0; a firmware may have handed over to another
  // None: whoever runs the vCPUs hands them the upcall itself.
  std::optional<Gic_version> gic = std::nullopt;
  // Is told what the domain writes to Xen's console, as it comes.
  std::function<void(std::string_view)> console = nullptr;
};

// By CPU_ON; what the vCPU starts with.
struct Vcpu_start {
  Vcpu_id vcpu;
  std::uint64_t entry;
  std::uint64_t context;
};

// How a guest maps memory in its own translation tables.
enum class Memory_kind : std::uint8_t {
  write_back,  // Normal, inner shareable: what Xen asks of all memory that is shared with it ([xen] arch-arm.h)
  uncached,
  device,
};

class Domain final : public Memory_owner {
 public:
  Domain(Xen& xen, Domain_id id, const Domain_options& options);
  ~Domain() override;

  // Calls of the vCPU `self`.
  [[nodiscard]] std::int64_t hypercall(Vcpu_id self, std::uint64_t number,
                                       const std::array<std::uint64_t, 5>& arguments);
  struct Firmware_answer {
    std::array<std::uint64_t, 4> registers;
    bool turns_caller_off = false;
  };
  [[nodiscard]] Firmware_answer firmware_call(Vcpu_id self, std::uint32_t function,
                                              const std::array<std::uint64_t, 3>& arguments);

  // RAM begins here, one bank; behind it, to the end of the space, lies nothing (an extended region).
  [[nodiscard]] std::uint64_t ram_base() const noexcept { return map_.base(); }
  [[nodiscard]] std::uint64_t ram_size() const noexcept { return options_.ram_pages * abi::page_size; }
  [[nodiscard]] Vcpu_state& vcpu(Vcpu_id id) { return vcpus_[id.value()]; }
  [[nodiscard]] Event_channels& events() { return *events_; }
  // Null: the domain has none.
  [[nodiscard]] Gic* gic() { return gic_ ? &*gic_ : nullptr; }
  [[nodiscard]] const Domain_options& options() const noexcept { return options_; }
  // By whoever makes the domain, before it runs.
  void set_parameter(abi::Hvm_param which, std::uint64_t value) { parameters_[which] = value; }
  // Off: the guest may do what it should not, and sees what Xen makes of it.
  void set_checking(bool on);
  // Whoever reads the guest's translation tables tells which frames are mapped otherwise than write-back. The guest
  // is blamed for what it shares with Xen, now or later, and maps in another way.
  void set_memory_kinds(std::map<abi::Gfn, Memory_kind> other_than_write_back);
  // Where it has others' grants, or its own, that it may not write to.
  [[nodiscard]] std::vector<abi::Gfn> frames_granted_read_only();
  // Whoever runs the vCPUs asks this when time has passed: the upcall on its way to that vCPU is there if it is
  // due.
  void bring_upcall(Vcpu_id vcpu);
  // Whether WFI and SCHEDOP_block return at once although no interrupt is pending: evtchn_upcall_pending is set,
  // and the interrupt that told of it has been taken and ended ([xen] arm/include/asm/event.h,
  // local_events_need_delivery_nomask).
  [[nodiscard]] bool upcall_flag_keeps_awake(Vcpu_id vcpu);
  // An upcall that announces nothing, as Xen makes them.
  void spurious_upcall(Vcpu_id vcpu);
  [[nodiscard]] std::optional<abi::Shutdown_reason> shut_down() const noexcept;
  // As a toolstack does, at any moment: its vCPUs do nothing more, but that those in Xen come to the end of their
  // call; then what it has mapped of others' is theirs again. By a vCPU of another domain, where vCPUs are fibers:
  // a thread could be in the middle of an access.
  void destroy();
  // What it wrote to Xen's console.
  [[nodiscard]] const std::string& console() const noexcept { return console_; }

  // What the parts of the domain ask.
  [[nodiscard]] Domain_id id() const override { return id_; }
  [[nodiscard]] Release release() const override;
  [[nodiscard]] const Quirks& quirks() const override;
  [[nodiscard]] bool silo() const override;
  [[nodiscard]] Turns& turns() override;
  [[nodiscard]] std::uint32_t vcpus() const override { return options_.vcpus; }
  [[nodiscard]] abi::Shared_info& shared_info() override;
  [[nodiscard]] abi::Vcpu_info& vcpu_info(Vcpu_id vcpu) override;
  [[nodiscard]] std::optional<Mfn> machine_frame(abi::Gfn frame) override { return map_.find(frame); }
  [[nodiscard]] std::byte* bytes(Mfn frame) override;
  [[nodiscard]] void* guest_view(void* mine) override { return map_.guest_view(mine); }
  [[nodiscard]] Mfn allocate_frame() override;
  void place(abi::Gfn frame, Mfn what, Access access) override;
  void remove(abi::Gfn frame) override { map_.remove(frame); }
  [[nodiscard]] std::byte* ram(abi::Gfn frame) override;
  void pin(abi::Gfn frame, const char* by) override;
  void unpin(abi::Gfn frame) override;
  [[nodiscard]] bool copy_from_guest(void* to, std::uint64_t guest_address, std::size_t size) override;
  [[nodiscard]] bool copy_to_guest(std::uint64_t guest_address, const void* from, std::size_t size) override;
  [[nodiscard]] Mfn shared_info_frame() override { return shared_info_; }
  [[nodiscard]] const char* pinned_by(abi::Gfn frame) override;
  [[nodiscard]] bool covers(abi::Gfn frame) override { return map_.covers(frame); }
  [[nodiscard]] std::uint64_t ram_pages() override { return options_.ram_pages; }
  [[nodiscard]] std::uint64_t most_ram_pages() override { return options_.most_ram_pages; }
  [[nodiscard]] abi::Gfn maximum_gfn() override { return map_.highest(); }
  [[nodiscard]] Mfn maximum_machine_frame() override;
  void inject_upcall(Vcpu_id vcpu) override;
  void wake_pollers(Port port) override;
  [[nodiscard]] Event_channels* event_channels(Domain_id domain) override;
  [[nodiscard]] Grant_table* grant_table(Domain_id domain) override;
  void blame_guest(const std::string& what) override;

 private:
  [[nodiscard]] bool reaches(std::uint64_t guest_address, std::size_t size, Access access) const;
  [[nodiscard]] std::int64_t dispatch(Vcpu_id self, std::uint64_t number,
                                      const std::array<std::uint64_t, 5>& arguments);
  [[nodiscard]] std::int64_t xen_version(std::uint64_t operation, std::uint64_t argument);
  [[nodiscard]] std::int64_t console_io(std::uint64_t operation, std::uint64_t count, std::uint64_t buffer);
  [[nodiscard]] std::int64_t vm_assist(std::uint64_t command, std::uint64_t type);
  [[nodiscard]] std::int64_t multicall(Vcpu_id self, std::uint64_t list, std::uint64_t count);
  [[nodiscard]] std::int64_t hvm_op(std::uint64_t operation, std::uint64_t argument);
  [[nodiscard]] std::int64_t vcpu_op(Vcpu_id self, std::uint64_t operation, std::uint64_t vcpu,
                                     std::uint64_t argument);
  [[nodiscard]] std::int64_t register_vcpu_info(Vcpu_id self, Vcpu_id vcpu, std::uint64_t argument);
  [[nodiscard]] std::int64_t register_runstate(Vcpu_id vcpu, std::uint64_t argument);
  [[nodiscard]] std::int64_t sched_op(Vcpu_id self, std::uint64_t operation, std::uint64_t argument);
  [[nodiscard]] std::int64_t poll(Vcpu_id self, std::uint64_t argument);
  [[nodiscard]] std::int64_t watchdog(std::uint64_t argument);
  [[nodiscard]] std::int64_t cpu_on(std::uint64_t target, std::uint64_t entry, std::uint64_t context);
  [[nodiscard]] std::int64_t features(std::uint32_t function) const;
  [[nodiscard]] std::int64_t system_suspend(Vcpu_id self, std::uint64_t entry);
  [[nodiscard]] std::optional<Vcpu_id> vcpu_of(std::uint64_t affinity) const;
  [[nodiscard]] std::int64_t affinity_info(std::uint64_t target, std::uint64_t level) const;
  void shut_down(std::uint32_t reason);
  // `self` names `named` in a call that is for each vCPU to make itself, once it is online.
  void check_named_vcpu(Vcpu_id self, Vcpu_id named, const char* call);
  void check_init_control(Vcpu_id self, std::uint64_t argument);
  void check_kind(abi::Gfn frame, const char* shared_as);

  Xen& xen_;
  Domain_id id_;
  Domain_options options_;
  Physical_map map_;
  std::vector<Vcpu_state> vcpus_;
  std::optional<Gic> gic_;
  Mfn shared_info_;
  abi::Vcpu_info dummy_info_{};
  std::unique_ptr<Event_channels> events_;
  std::unique_ptr<Grant_table> grants_;
  std::unique_ptr<Memory_operations> memory_;
  // Taken for a moment, under whatever lock of the model's.
  std::mutex pins_mutex_;
  std::map<std::uint64_t, std::vector<const char*>> pins_;
  // Of frames that are not write-back; under pins_mutex_.
  std::map<abi::Gfn, Memory_kind> kinds_;
  std::map<abi::Hvm_param, std::uint64_t> parameters_;
  std::array<bool, 2> watchdogs_{};
  std::atomic<std::int32_t> shutdown_{-1};
  std::atomic<std::uint32_t> calls_under_way_{0};
  // Of what is registered for vCPUs, their going on, the console and the watchdogs.
  Lock lock_;
  std::string console_;
  bool checking_ = true;
};

}  // namespace enlighten::model
