// SPDX-License-Identifier: MIT
// Sharing pages with other domains: the guest's grant table, and the addresses at which pages of others stand.
#pragma once

#include <guest/frame_mapper.hpp>
#include <guest/grant_copy.hpp>
#include <guest/grant_maps.hpp>
#include <guest/grant_table.hpp>
#include <runtime/guest.hpp>
#include <runtime/page_rows.hpp>

namespace enlighten::runtime {

class Grants {
 public:
  // The guest's only one, made when it is first asked for, on any vCPU. Without Xen an error of kind not_on_xen.
  [[nodiscard]] static Result<Grants*> of(Guest& guest) noexcept;

  // Our pages for others.
  [[nodiscard]] guest::Grant_table& table() noexcept { return table_; }
  // Their pages for us, at addresses of an extended region, or, where the hypervisor node has none, as with
  // `ext_regions=0`, of 2 MiB of RAM that are given back to Xen; nowhere if Xen does not take them.
  [[nodiscard]] guest::Grant_maps& maps() noexcept { return maps_; }
  [[nodiscard]] Result<> copy(std::span<guest::Grant_copy> batch) const noexcept {
    return guest::Grant_copy::run(guest_->xen(), batch);
  }

 private:
  // Stage 1, by the guest's own tables.
  class Mapper final : public guest::Frame_mapper {
   public:
    [[nodiscard]] Result<> map(std::uint64_t address, std::uint64_t pages,
                               guest::Frame_access access) noexcept override;
    [[nodiscard]] Result<> unmap(std::uint64_t address, std::uint64_t pages) noexcept override;
  };

  Grants(Guest& guest, guest::Memory_range table, guest::Memory_range window) noexcept;
  [[nodiscard]] static Result<guest::Memory_range> find_window(Guest& guest) noexcept;
  [[nodiscard]] static Result<guest::Memory_range> make_window(Guest& guest) noexcept;
  [[nodiscard]] static Result<Grants*> make(Guest& guest) noexcept;

  Guest* guest_;
  Mapper mapper_;
  guest::Grant_table table_;
  guest::Grant_maps maps_;
};

}  // namespace enlighten::runtime
