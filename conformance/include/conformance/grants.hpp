// SPDX-License-Identifier: MIT
// The domain's grant entries for the length of a case, and grant operations in one line each.
#pragma once

#include <cstdint>

#include <conformance/ports.hpp>

namespace enlighten::conformance {

[[nodiscard]] inline std::int64_t add_to_physmap(abi::Map_space space, std::uint64_t index, abi::Gfn at,
                                                 Domain_id dom = abi::domain_self) noexcept {
  return memory_op(abi::Memory_op::add_to_physmap,
                   abi::Xen_add_to_physmap{.domid = dom, .space = space, .idx = index, .gpfn = at});
}
[[nodiscard]] inline std::int64_t remove_from_physmap(abi::Gfn at, Domain_id dom = abi::domain_self) noexcept {
  return memory_op(abi::Memory_op::remove_from_physmap, abi::Xen_remove_from_physmap{.domid = dom, .gpfn = at});
}
[[nodiscard]] inline void* at(abi::Gfn frame) noexcept {
  return reinterpret_cast<void*>(abi::address_of(frame));
}

// Which some operations want instead of DOMID_SELF.
[[nodiscard]] inline Domain_id own_number(Bench& bench) noexcept {
  const Port port = bound(bench, "alloc_unbound", alloc_unbound());
  const Domain_id own = status_of(port).u.unbound;
  bench.check("close", close(port), 0);
  return own;
}

// The first frame of the grant table; entries that a case used are as they were when it ends.
class Grant_entries {
 public:
  explicit Grant_entries(Bench& bench) noexcept
      : bench_{bench},
        own_{own_number(bench)},
        frame_{bench.hole()},
        entries_{static_cast<abi::Grant_entry_v1*>(at(frame_))} {
    bench.check("grant frame 0", add_to_physmap(abi::Map_space::grant_table, 0, frame_), 0);
  }
  Grant_entries(const Grant_entries&) = delete;
  Grant_entries& operator=(const Grant_entries&) = delete;
  ~Grant_entries() {
    for (std::uint32_t ref = abi::grant_reserved_entries; ref < first_unused_; ++ref) {
      entries_[ref] = {};
    }
    bench_.check("grant frame 0 is removed", remove_from_physmap(frame_), 0);
  }

  [[nodiscard]] Domain_id own() const noexcept { return own_; }
  [[nodiscard]] abi::Gfn frame() const noexcept { return frame_; }
  [[nodiscard]] std::uint16_t flags(Grant_ref ref) noexcept { return get(entries_[ref.value()].flags); }

  // Ours, for ourselves; on the next entry.
  [[nodiscard]] Grant_ref grant(abi::Gfn what, std::uint16_t more_flags = 0) noexcept {
    return grant_to(own_, what, more_flags);
  }
  [[nodiscard]] Grant_ref grant_to(Domain_id whom, abi::Gfn what, std::uint16_t more_flags = 0) noexcept {
    const std::uint32_t ref = first_unused_++;
    entries_[ref].domid = whom;
    entries_[ref].frame = static_cast<std::uint32_t>(what.value());
    put(entries_[ref].flags, static_cast<std::uint16_t>(abi::grant_flags::permit_access | more_flags));
    return Grant_ref{ref};
  }
  // Whatever anybody does with it.
  void take_back(Grant_ref ref) noexcept { put(entries_[ref.value()].flags, 0); }
  // An entry that grants nothing.
  [[nodiscard]] Grant_ref unused() noexcept { return Grant_ref{first_unused_++}; }

 private:
  Bench& bench_;
  Domain_id own_;
  abi::Gfn frame_;
  abi::Grant_entry_v1* entries_;
  std::uint32_t first_unused_ = abi::grant_reserved_entries;
};

// No table of ours has an entry of this number.
inline constexpr Grant_ref no_grant{100'000};

struct Mapping {
  std::int64_t result;  // of the hypercall
  abi::Grant_status status;
  abi::Grant_handle handle;
};

[[nodiscard]] inline Mapping map_grant(Domain_id dom, Grant_ref ref, std::uint64_t address,
                                       std::uint32_t flags = abi::grant_map::host_map) noexcept {
  abi::Gnttab_map_grant_ref argument{.host_addr = address, .flags = flags, .ref = ref, .dom = dom};
  const std::int64_t result = grant_table_op(abi::Grant_table_op::map_grant_ref, argument);
  return {result, argument.status, argument.handle};
}
[[nodiscard]] inline std::int64_t unmap_grant(std::uint64_t address, abi::Grant_handle handle) noexcept {
  abi::Gnttab_unmap_grant_ref argument{.host_addr = address, .handle = handle};
  const std::int64_t result = grant_table_op(abi::Grant_table_op::unmap_grant_ref, argument);
  return result == 0 ? number(argument.status) : result;
}

// The sides of a copy, and the copy; of 16 bytes where a case is not about how many.
inline constexpr std::uint16_t copy_length = 16;
[[nodiscard]] inline abi::Gnttab_copy::Side granted_by(Domain_id dom, Grant_ref ref,
                                                       std::uint16_t offset = 0) noexcept {
  abi::Gnttab_copy::Side side{.u = {}, .domid = dom, .offset = offset};
  side.u.ref = ref;
  return side;
}
[[nodiscard]] inline abi::Gnttab_copy::Side frame_of_ours(abi::Gfn frame, std::uint16_t offset = 0,
                                                          Domain_id dom = abi::domain_self) noexcept {
  abi::Gnttab_copy::Side side{.u = {}, .domid = dom, .offset = offset};
  side.u.gmfn = frame.value();
  return side;
}

// The status; or what the hypercall said, if that is not 0.
[[nodiscard]] inline std::int64_t copy(const abi::Gnttab_copy::Side& source, const abi::Gnttab_copy::Side& dest,
                                       std::uint16_t flags, std::uint16_t bytes = copy_length) noexcept {
  abi::Gnttab_copy argument{.source = source, .dest = dest, .len = bytes, .flags = flags};
  const std::int64_t result = grant_table_op(abi::Grant_table_op::copy, argument);
  return result == 0 ? number(argument.status) : result;
}

}  // namespace enlighten::conformance
