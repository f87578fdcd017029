// SPDX-License-Identifier: MIT
// Makes hypercalls, counts them, and turns Xen's errno into an error that says which call it was.
#include <guest/hypercalls.hpp>

#include <algorithm>

#include <abi/console_io.hpp>
#include <abi/domain_id.hpp>
#include <abi/vcpu_op.hpp>
#include <abi/xen_version.hpp>
#include <arch/hypercall.hpp>
#include <guest/trace.hpp>

namespace enlighten::guest {
namespace {

[[nodiscard]] std::uint64_t address(const void* object) noexcept {
  return reinterpret_cast<std::uintptr_t>(object);
}

template <typename Enumeration>
[[nodiscard]] constexpr std::uint64_t number(Enumeration value) noexcept {
  return static_cast<std::uint64_t>(value);
}

// Text in place: pointers would have to be relocated at boot.
[[nodiscard]] const char* name(abi::Event_channel_op operation) noexcept {
  static constexpr char names[][26] = {"EVTCHNOP_bind_interdomain",
                                       "EVTCHNOP_bind_virq",
                                       "EVTCHNOP_bind_pirq",
                                       "EVTCHNOP_close",
                                       "EVTCHNOP_send",
                                       "EVTCHNOP_status",
                                       "EVTCHNOP_alloc_unbound",
                                       "EVTCHNOP_bind_ipi",
                                       "EVTCHNOP_bind_vcpu",
                                       "EVTCHNOP_unmask",
                                       "EVTCHNOP_reset",
                                       "EVTCHNOP_init_control",
                                       "EVTCHNOP_expand_array",
                                       "EVTCHNOP_set_priority"};
  return names[number(operation)];
}

[[nodiscard]] const char* name(abi::Grant_table_op operation) noexcept {
  switch (operation) {
    case abi::Grant_table_op::map_grant_ref:
      return "GNTTABOP_map_grant_ref";
    case abi::Grant_table_op::unmap_grant_ref:
      return "GNTTABOP_unmap_grant_ref";
    case abi::Grant_table_op::copy:
      return "GNTTABOP_copy";
    case abi::Grant_table_op::query_size:
      return "GNTTABOP_query_size";
    default:
      return "GNTTABOP";
  }
}

}  // namespace

std::int64_t Hypercalls::make(Call kind, abi::Hypercall hypercall, std::uint64_t a0, std::uint64_t a1,
                              std::uint64_t a2) noexcept {
  if (tracing() != nullptr) [[unlikely]] {
    return enlighten_trace_hypercall(kind, hypercall, a0, a1, a2);
  }
  cpu_local().calls.count(kind);
  return arch::hypercall(hypercall, a0, a1, a2);
}

Result<std::int64_t> Hypercalls::call(Call kind, const char* what, abi::Hypercall hypercall, std::uint64_t a0,
                                      std::uint64_t a1, std::uint64_t a2) const noexcept {
  if (!xen_domain()) {
    return Error::make(Error_kind::not_on_xen, "%s: not on Xen", what);
  }
  const std::int64_t result = make(kind, hypercall, a0, a1, a2);
  if (result < 0) {
    const auto reason = static_cast<abi::Errno>(-result);
    return Error::numbered(Error_kind::hypercall, -result, "%s: Xen refused (%lld, %s)", what,
                           static_cast<long long>(-result), abi::errno_name(reason));
  }
  return result;
}

Result<Xen_version> Hypercalls::version() const noexcept {
  const std::int64_t packed = ENLIGHTEN_TRY(
      call(Call::xen_version, "XENVER_version", abi::Hypercall::xen_version, number(abi::Xen_version_op::version)));
  abi::Xen_extraversion extra;
  ENLIGHTEN_TRY(call(Call::xen_version, "XENVER_extraversion", abi::Hypercall::xen_version,
                     number(abi::Xen_version_op::extraversion), address(&extra)));
  extra.text[sizeof extra.text - 1] = '\0';
  return Xen_version{.major = static_cast<std::uint32_t>(packed >> 16 & 0xffff),
                     .minor = static_cast<std::uint32_t>(packed & 0xffff),
                     .extra = Text<16>{extra.text}};
}

Result<std::uint32_t> Hypercalls::features() const noexcept {
  abi::Xen_feature_info info;
  ENLIGHTEN_TRY(call(Call::xen_version, "XENVER_get_features", abi::Hypercall::xen_version,
                     number(abi::Xen_version_op::get_features), address(&info)));
  return info.submap;
}

Result<> Hypercalls::add_to_physmap(abi::Map_space space, std::uint64_t index, abi::Gfn frame) const noexcept {
  abi::Xen_add_to_physmap argument{
      .domid = abi::domain_self, .size = 0, .space = space, .idx = index, .gpfn = frame};
  ENLIGHTEN_TRY(call(Call::memory_op, "XENMEM_add_to_physmap", abi::Hypercall::memory_op,
                     number(abi::Memory_op::add_to_physmap), address(&argument)));
  return {};
}

Result<> Hypercalls::remove_from_physmap(abi::Gfn frame) const noexcept {
  abi::Xen_remove_from_physmap argument{.domid = abi::domain_self, .gpfn = frame};
  ENLIGHTEN_TRY(call(Call::memory_op, "XENMEM_remove_from_physmap", abi::Hypercall::memory_op,
                     number(abi::Memory_op::remove_from_physmap), address(&argument)));
  return {};
}

Result<std::uint64_t> Hypercalls::reservation(abi::Memory_op operation, const char* what,
                                              std::span<const abi::Gfn> frames) const noexcept {
  // Xen only reads the list.
  abi::Xen_memory_reservation argument{.extent_start = abi::Guest_handle{const_cast<abi::Gfn*>(frames.data())},
                                       .nr_extents = frames.size(),
                                       .extent_order = 0,
                                       .mem_flags = 0,
                                       .domid = abi::domain_self};
  const std::int64_t done =
      ENLIGHTEN_TRY(call(Call::memory_op, what, abi::Hypercall::memory_op, number(operation), address(&argument)));
  // A number of Xen's own; more than was asked for would be frames that are not there.
  return std::min<std::uint64_t>(static_cast<std::uint64_t>(done), frames.size());
}

Result<> Hypercalls::register_vcpu_info(Vcpu_id vcpu, const abi::Vcpu_info& info) const noexcept {
  abi::Vcpu_register_vcpu_info argument{.mfn = gfn_of_object(&info), .offset = offset_in_frame(&info), .rsvd = 0};
  ENLIGHTEN_TRY(call(Call::vcpu_op, "VCPUOP_register_vcpu_info", abi::Hypercall::vcpu_op,
                     number(abi::Vcpu_op::register_vcpu_info), vcpu.value(), address(&argument)));
  return {};
}

Result<> Hypercalls::event_channel_raw(Call kind, abi::Event_channel_op operation, void* argument) const noexcept {
  ENLIGHTEN_TRY(
      call(kind, name(operation), abi::Hypercall::event_channel_op, number(operation), address(argument)));
  return {};
}

Result<> Hypercalls::grant_table_raw(abi::Grant_table_op operation, void* batch, std::size_t count) const noexcept {
  ENLIGHTEN_TRY(call(Call::grant_table_op, name(operation), abi::Hypercall::grant_table_op, number(operation),
                     address(batch), count));
  return {};
}

std::uint64_t Hypercalls::parameter(abi::Hvm_param which) const noexcept {
  // A refusal leaves the 0 that `value` begins with.
  abi::Xen_hvm_param argument{.domid = abi::domain_self, .index = which};
  if (xen_domain()) {
    static_cast<void>(
        make(Call::hvm_op, abi::Hypercall::hvm_op, number(abi::Hvm_op::get_param), address(&argument)));
  }
  return argument.value;
}

void Hypercalls::yield() const noexcept {
  if (xen_domain()) {
    static_cast<void>(make(Call::sched_op, abi::Hypercall::sched_op, number(abi::Sched_op::yield), 0));
  }
}

Result<> Hypercalls::shutdown(abi::Shutdown_reason reason) const noexcept {
  abi::Sched_shutdown argument{reason};
  ENLIGHTEN_TRY(call(Call::sched_op, "SCHEDOP_shutdown", abi::Hypercall::sched_op, number(abi::Sched_op::shutdown),
                     address(&argument)));
  return {};
}

Result<> Hypercalls::console_write(std::string_view text) const noexcept {
  ENLIGHTEN_TRY(call(Call::console_io, "CONSOLEIO_write", abi::Hypercall::console_io,
                     number(abi::Console_io::write), text.size(), address(text.data())));
  return {};
}

}  // namespace enlighten::guest
