// SPDX-License-Identifier: MIT
// Grant tables, GNTTABOP_*: version 1, as an unprivileged domain on Arm meets it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include <abi/frame.hpp>
#include <abi/grant_table.hpp>
#include <base/ids.hpp>
#include <model/domain_view.hpp>
#include <model/grant_entries.hpp>
#include <model/maptrack.hpp>

namespace enlighten::model {

class Grant_table {
 public:
  // 1024 frames of 16 bytes a mapping.
  static constexpr std::uint32_t default_max_mappings = 1024 * 256;

  explicit Grant_table(Domain_view& domain, std::uint32_t max_frames = 64,
                       std::uint32_t max_mappings = default_max_mappings)
      : domain_{domain}, entries_{domain, max_frames}, maptrack_{domain, max_mappings} {}

  [[nodiscard]] std::int64_t call(std::uint32_t operation, std::uint64_t argument_address, std::uint32_t count);

  // For XENMAPSPACE_grant_table: the frame, growing the table up to it; nothing beyond its maximum.
  [[nodiscard]] std::optional<Mfn> frame_for(std::uint64_t index) { return entries_.frame_for(index); }
  // The guest finds that frame at `at` from now on, until something else stands there.
  void placed(std::uint64_t index, abi::Gfn at) { entries_.placed(index, at); }
  [[nodiscard]] std::optional<abi::Gfn> place_of(std::uint64_t index) { return entries_.place_of(index); }
  // Whether that is a frame of this table.
  [[nodiscard]] bool holds(Mfn frame) { return entries_.holds(frame); }
  // Whether somebody uses that page of this domain by a grant of it.
  [[nodiscard]] bool in_use(Mfn page) { return entries_.in_use(page); }
  // Whose grant this domain has mapped at `at`; nothing if none.
  [[nodiscard]] std::optional<Domain_id> granter_at(abi::Gfn at);

  // Where this domain has mapped grants for reading only.
  [[nodiscard]] std::vector<abi::Gfn> mapped_read_only() { return maptrack_.mapped_read_only(); }
  // Ends every mapping of others' grants that this domain has, as Xen does when a domain dies.
  void release_mappings();

  // Writes an entry as a toolstack does before the guest runs.
  void seed(Grant_ref ref, Domain_id to, abi::Gfn frame) { entries_.seed(ref, to, frame); }
  // Blames the guest for entries it changed while they are in use; each operation on such an entry does so too.
  void check() { entries_.check(); }

 private:
  // A page that one side of a copy reads or writes, held until released.
  struct Held_page {
    Mfn frame;
    Grant_table* granter;  // null: a page of the caller's own
    Grant_ref ref;
    Access access;
  };

  template <typename Operation, typename Action>
  [[nodiscard]] std::int64_t each(std::uint64_t address, std::uint32_t count, Action action);
  // Null if there is no such domain. A reserved id names none, not even the caller.
  [[nodiscard]] Grant_table* by_number(Domain_id domain);
  // The same, but that DOMID_SELF is the caller.
  [[nodiscard]] Grant_table* by_any_id(Domain_id domain);

  [[nodiscard]] std::int64_t map_all(std::uint64_t address, std::uint32_t count);
  [[nodiscard]] abi::Grant_status map(abi::Gnttab_map_grant_ref& operation);
  [[nodiscard]] abi::Grant_status map_under(abi::Grant_handle handle, Grant_table& granter,
                                            abi::Gnttab_map_grant_ref& operation);
  [[nodiscard]] abi::Grant_status unmap(abi::Grant_handle handle, std::uint64_t address);
  [[nodiscard]] abi::Grant_status unmap_and_replace(const abi::Gnttab_unmap_and_replace& operation);
  [[nodiscard]] std::int64_t flush_all(std::uint64_t address, std::uint32_t count);
  [[nodiscard]] std::int64_t flush(const abi::Gnttab_cache_flush& operation);

  [[nodiscard]] abi::Grant_status copy(const abi::Gnttab_copy& operation);
  [[nodiscard]] std::expected<Grant_table*, abi::Grant_status> domain_of(const abi::Gnttab_copy::Side& side,
                                                                         bool by_grant);
  [[nodiscard]] std::expected<Held_page, abi::Grant_status> hold(const abi::Gnttab_copy::Side& side, bool by_grant,
                                                                 Grant_table& granter, Access access);
  static void let_go(const Held_page& page);
  [[nodiscard]] abi::Grant_status copy_bytes(const abi::Gnttab_copy& operation, Mfn source, Mfn dest);

  [[nodiscard]] std::int64_t setup(std::uint64_t address, std::uint32_t count);
  [[nodiscard]] abi::Grant_status set_up(const abi::Gnttab_setup_table& operation);
  [[nodiscard]] std::int64_t query_size(std::uint64_t address, std::uint32_t count);
  [[nodiscard]] std::int64_t set_version(std::uint64_t address);
  [[nodiscard]] std::int64_t get_version(std::uint64_t address);
  [[nodiscard]] std::int64_t get_status_frames(std::uint64_t address, std::uint32_t count);

  Domain_view& domain_;
  Grant_entries entries_;
  Maptrack maptrack_;
};

}  // namespace enlighten::model
