// SPDX-License-Identifier: MIT
// What each part of the model (event channels, grants, memory) sees of the domain it belongs to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <abi/frame.hpp>
#include <abi/shared_info.hpp>
#include <abi/vcpu_info.hpp>
#include <base/ids.hpp>
#include <model/release.hpp>
#include <model/turns.hpp>

namespace enlighten::model {

class Event_channels;
class Grant_table;

// A page of the machine's memory: the same one may stand at several guest frames of several domains.
using Mfn = Identity<struct Mfn_tag, std::uint64_t>;

// What a guest may do to a page; a store through `read` is caught and explained.
enum class Access : std::uint8_t { read, read_write };

class Domain_view {
 public:
  Domain_view() = default;
  Domain_view(const Domain_view&) = delete;
  Domain_view& operator=(const Domain_view&) = delete;
  virtual ~Domain_view() = default;

  [[nodiscard]] virtual Domain_id id() const = 0;
  [[nodiscard]] virtual Release release() const = 0;
  [[nodiscard]] virtual const Quirks& quirks() const = 0;
  // Domains other than a control domain are kept apart (XSM SILO, the default on Arm).
  [[nodiscard]] virtual bool silo() const = 0;
  [[nodiscard]] virtual Turns& turns() = 0;

  [[nodiscard]] virtual std::uint32_t vcpus() const = 0;
  [[nodiscard]] virtual abi::Shared_info& shared_info() = 0;
  // The registered one; before that vCPU 0's place in shared_info, and for every other vCPU one dummy that all
  // share.
  [[nodiscard]] virtual abi::Vcpu_info& vcpu_info(Vcpu_id vcpu) = 0;

  // Whether the guest-physical space has such a frame at all, be it a hole.
  [[nodiscard]] virtual bool covers(abi::Gfn frame) = 0;
  // What stands at `frame`, RAM or placed there; nothing at a hole.
  [[nodiscard]] virtual std::optional<Mfn> machine_frame(abi::Gfn frame) = 0;
  // Xen's own view of a machine frame, 4096 bytes.
  [[nodiscard]] virtual std::byte* bytes(Mfn frame) = 0;
  // Where the guest itself finds what Xen has at `mine`, a part of such a page; `mine` if it does not.
  [[nodiscard]] virtual void* guest_view(void* mine) { return mine; }
  // A zeroed one of Xen's own; never given back.
  [[nodiscard]] virtual Mfn allocate_frame() = 0;
  // Lets the guest find `what` at `frame`, in place of what was there.
  virtual void place(abi::Gfn frame, Mfn what, Access access) = 0;
  // Leaves a hole there.
  virtual void remove(abi::Gfn frame) = 0;

  // The RAM page at `frame` as Xen maps it; null if there is none: the two above in one.
  [[nodiscard]] virtual std::byte* ram(abi::Gfn frame) = 0;
  // Xen refers to that page until as many unpin() came: a guest that gives it away is wrong.
  virtual void pin(abi::Gfn frame, const char* by) = 0;
  virtual void unpin(abi::Gfn frame) = 0;

  // An argument of a hypercall. False is EFAULT: the address is none of the guest's.
  [[nodiscard]] virtual bool copy_from_guest(void* to, std::uint64_t guest_address, std::size_t size) = 0;
  [[nodiscard]] virtual bool copy_to_guest(std::uint64_t guest_address, const void* from, std::size_t size) = 0;

  // The upcall interrupt, edge-like: the caller has just turned evtchn_upcall_pending from 0 to 1. Dropped for a
  // vCPU that is off.
  virtual void inject_upcall(Vcpu_id vcpu) = 0;
  // `port` has become pending: vCPUs blocked in SCHEDOP_poll look again.
  virtual void wake_pollers(Port port) = 0;

  // Others, this one included; null if there is no such domain.
  [[nodiscard]] virtual Event_channels* event_channels(Domain_id domain) = 0;
  [[nodiscard]] virtual Grant_table* grant_table(Domain_id domain) = 0;

  // The guest did what it may not, or what can only be a mistake: reported with the guest's stack, the run has
  // failed.
  virtual void blame_guest(const std::string& what) = 0;
};

}  // namespace enlighten::model
