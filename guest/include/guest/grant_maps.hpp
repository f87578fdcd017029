// SPDX-License-Identifier: MIT
// Maps pages that other domains have granted to this one ([xen] grant_table.h, GNTTABOP_map_grant_ref).
#pragma once

#include <cstdint>
#include <span>

#include <base/ids.hpp>
#include <base/result.hpp>
#include <guest/frame_mapper.hpp>
#include <guest/frame_window.hpp>
#include <guest/hypercalls.hpp>
#include <guest/machine.hpp>
#include <guest/mapped.hpp>

namespace enlighten::guest {

// One for each stretch of addresses. Everything may be called on any vCPU.
class Grant_maps {
 public:
  // `region` is of addresses at which nothing is: of an extended region, as the hypervisor node names them.
  Grant_maps(const Hypercalls& xen, Page_source& pages, Frame_mapper& mapper, Memory_range region) noexcept
      : xen_{&xen}, mapper_{&mapper}, window_{pages, region} {}
  Grant_maps(const Grant_maps&) = delete;
  Grant_maps& operator=(const Grant_maps&) = delete;

  // `granter` by its number. A grant that is read-only must be mapped so. An error names the first reference that
  // Xen refused, and its number() is the status (abi::Grant_status); nothing is mapped then.
  [[nodiscard]] Result<Mapped_page> map_page(Domain_id granter, Grant_ref ref, Frame_access access) noexcept;
  [[nodiscard]] Result<Mapped_range> map_range(Domain_id granter, std::span<const Grant_ref> refs,
                                               Frame_access access) noexcept;

 private:
  friend class Mapped_range;

  [[nodiscard]] Result<> map_at_xen(std::uint64_t address, Domain_id granter, std::span<const Grant_ref> refs,
                                    Frame_access access) noexcept;
  [[nodiscard]] Result<> unmap(std::uint64_t address, std::uint32_t pages) noexcept;
  // And gives the addresses back.
  [[nodiscard]] Result<> unmap_at_xen(std::uint64_t address, std::uint32_t pages) noexcept;

  const Hypercalls* xen_;
  Frame_mapper* mapper_;
  // The word of each page is the handle of what is mapped there.
  Frame_window window_;
};

}  // namespace enlighten::guest
