// SPDX-License-Identifier: MIT
// Hypercalls with their types, their errors in words, and a count of each kind for the CPU that makes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <abi/errno.hpp>
#include <abi/event_channel.hpp>
#include <abi/frame.hpp>
#include <abi/grant_table.hpp>
#include <abi/hvm_op.hpp>
#include <abi/hypercall.hpp>
#include <abi/memory_op.hpp>
#include <abi/sched_op.hpp>
#include <abi/vcpu_info.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>
#include <guest/cpu_local.hpp>

namespace enlighten::guest {

// Xen's version as XENVER_version and XENVER_extraversion tell it: 4.17.5 is {4, 17, ".5"}.
struct Xen_version {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  Text<16> extra;
};

// The way to Xen, or its absence: then every call is an error of kind not_on_xen and nothing is executed.
class Hypercalls {
 public:
  enum class Presence : std::uint8_t { absent, present };

  constexpr explicit Hypercalls(Presence presence) noexcept : presence_{presence} {}

  [[nodiscard]] constexpr bool xen_domain() const noexcept { return presence_ == Presence::present; }

  [[nodiscard]] Result<Xen_version> version() const noexcept;
  [[nodiscard]] Result<std::uint32_t> features() const noexcept;

  // XENMEM_add_to_physmap of the caller's own shared_info or grant frames, and its inverse.
  [[nodiscard]] Result<> add_to_physmap(abi::Map_space space, std::uint64_t index, abi::Gfn frame) const noexcept;
  [[nodiscard]] Result<> remove_from_physmap(abi::Gfn frame) const noexcept;
  // Gives pages of RAM back to Xen; returns how many of them it took. What was there is a hole from then on.
  [[nodiscard]] Result<std::uint64_t> decrease_reservation(std::span<const abi::Gfn> frames) const noexcept {
    return reservation(abi::Memory_op::decrease_reservation, "XENMEM_decrease_reservation", frames);
  }
  // Asks for pages of RAM where there are none; returns how many of them, from the first on, there are now. What is
  // in them is anybody's.
  [[nodiscard]] Result<std::uint64_t> populate_physmap(std::span<const abi::Gfn> frames) const noexcept {
    return reservation(abi::Memory_op::populate_physmap, "XENMEM_populate_physmap", frames);
  }

  // VCPUOP_register_vcpu_info for `vcpu`; `info` must stay where it is for as long as the domain lives.
  [[nodiscard]] Result<> register_vcpu_info(Vcpu_id vcpu, const abi::Vcpu_info& info) const noexcept;

  // EVTCHNOP_*: `argument` is the operation's structure, out fields filled on success.
  template <typename Argument>
  [[nodiscard]] Result<> event_channel(Call kind, abi::Event_channel_op operation,
                                       Argument& argument) const noexcept {
    return event_channel_raw(kind, operation, &argument);
  }

  // GNTTABOP_*, of which each structure gets a status of its own: success says only that Xen has looked at all.
  template <typename Operation>
  [[nodiscard]] Result<> grant_table(abi::Grant_table_op operation, std::span<Operation> batch) const noexcept {
    return grant_table_raw(operation, batch.data(), batch.size());
  }

  // HVMOP_get_param of the caller's own domain; 0 when nobody has set it, or Xen does not tell.
  [[nodiscard]] std::uint64_t parameter(abi::Hvm_param which) const noexcept;

  // Lets another vCPU have this CPU.
  void yield() const noexcept;

  // Returns only if Xen refuses.
  [[nodiscard]] Result<> shutdown(abi::Shutdown_reason reason) const noexcept;

  // Writes to Xen's console; refused to domains that toolstacks create on release builds of Xen.
  [[nodiscard]] Result<> console_write(std::string_view text) const noexcept;

  // Any call: `what` names it in an error.
  [[nodiscard]] Result<std::int64_t> call(Call kind, const char* what, abi::Hypercall number, std::uint64_t a0,
                                          std::uint64_t a1 = 0, std::uint64_t a2 = 0) const noexcept;

 private:
  // Counts the call and makes it; what Xen answers.
  [[nodiscard]] static std::int64_t make(Call kind, abi::Hypercall number, std::uint64_t a0, std::uint64_t a1 = 0,
                                         std::uint64_t a2 = 0) noexcept;
  [[nodiscard]] Result<std::uint64_t> reservation(abi::Memory_op operation, const char* what,
                                                  std::span<const abi::Gfn> frames) const noexcept;
  [[nodiscard]] Result<> event_channel_raw(Call kind, abi::Event_channel_op operation,
                                           void* argument) const noexcept;
  [[nodiscard]] Result<> grant_table_raw(abi::Grant_table_op operation, void* batch,
                                         std::size_t count) const noexcept;

  Presence presence_;
};

// The frame of a guest-physical address that the image's identity mapping makes a virtual one too.
[[nodiscard]] inline abi::Gfn gfn_of_object(const void* object) noexcept {
  return abi::gfn_of(reinterpret_cast<std::uintptr_t>(object));
}
[[nodiscard]] inline std::uint32_t offset_in_frame(const void* object) noexcept {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(object) % abi::page_size);
}

}  // namespace enlighten::guest
