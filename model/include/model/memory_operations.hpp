// SPDX-License-Identifier: MIT
// What a domain may change of its own memory map, XENMEM_*, as an unprivileged domain on Arm meets it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <abi/frame.hpp>
#include <abi/memory_op.hpp>
#include <base/ids.hpp>
#include <model/domain_view.hpp>
#include <model/grant_table.hpp>
#include <model/lock.hpp>

namespace enlighten::model {

// A domain as its memory operations see it.
class Memory_owner : public Domain_view {
 public:
  // Where Xen keeps shared_info; the guest finds it nowhere until it asks.
  [[nodiscard]] virtual Mfn shared_info_frame() = 0;
  // Who refers to that page, as pin() was told; null if nobody does.
  [[nodiscard]] virtual const char* pinned_by(abi::Gfn frame) = 0;
  // RAM it started with, and how much it may ever have, in pages.
  [[nodiscard]] virtual std::uint64_t ram_pages() = 0;
  [[nodiscard]] virtual std::uint64_t most_ram_pages() = 0;
  // The highest frame at which there ever was anything.
  [[nodiscard]] virtual abi::Gfn maximum_gfn() = 0;
  // The highest of the machine's RAM.
  [[nodiscard]] virtual Mfn maximum_machine_frame() = 0;
};

class Memory_operations {
 public:
  // 2 MiB at once ([xen] asm/config.h, CONFIG_DOMU_MAX_ORDER).
  static constexpr std::uint32_t most_order = 9;

  explicit Memory_operations(Memory_owner& owner) : owner_{owner} {}

  // `command` is a Memory_op; above its six bits stands which extent a reservation starts with.
  [[nodiscard]] std::int64_t call(std::uint64_t command, std::uint64_t argument_address);

  // What current_reservation says.
  [[nodiscard]] std::uint64_t pages();

 private:
  // What stands at a frame, by how Xen treats it.
  enum class Content : std::uint8_t { hole, ram, shared_info, grant_frame, own_grant, foreign_grant };

  // 0 if `domain` is the caller, by number or as DOMID_SELF.
  [[nodiscard]] std::int64_t permit(Domain_id domain);
  // The same for what is to be mapped: device memory is for the hardware domain alone.
  [[nodiscard]] std::int64_t permit(Domain_id domain, abi::Map_space space);
  [[nodiscard]] Content content_of(abi::Gfn frame);

  [[nodiscard]] std::int64_t add_to_physmap(std::uint64_t start, std::uint64_t argument_address);
  [[nodiscard]] std::int64_t add_to_physmap_batch(std::uint64_t start, std::uint64_t argument_address);
  [[nodiscard]] std::int64_t add(abi::Map_space space, Domain_id foreign, std::uint64_t index, abi::Gfn at);
  [[nodiscard]] std::int64_t add_shared_info(std::uint64_t index, abi::Gfn at);
  [[nodiscard]] std::int64_t add_grant_frame(std::uint64_t index, abi::Gfn at);
  [[nodiscard]] std::int64_t add_foreign(Domain_id foreign);
  void place(Mfn frame, abi::Gfn at);
  [[nodiscard]] std::int64_t remove_from_physmap(std::uint64_t start, std::uint64_t argument_address);
  void blame_for_loss(abi::Gfn frame, Content content, const char* how);

  [[nodiscard]] std::int64_t change_reservation(abi::Memory_op operation, std::uint64_t start,
                                                std::uint64_t argument_address);
  [[nodiscard]] bool change_extent(abi::Memory_op operation, const abi::Xen_memory_reservation& reservation,
                                   std::uint64_t extent);
  [[nodiscard]] bool populate(abi::Gfn first, std::uint64_t count);
  [[nodiscard]] bool decrease(abi::Gfn first, std::uint64_t count);
  [[nodiscard]] bool give_up(abi::Gfn frame);
  [[nodiscard]] bool increase(std::uint64_t count);
  [[nodiscard]] bool may_have(std::uint64_t more);
  [[nodiscard]] Mfn page_for_guest();
  void take_back_what_is_free();

  [[nodiscard]] std::int64_t query(abi::Memory_op operation, std::uint64_t start, std::uint64_t argument_address);
  [[nodiscard]] std::int64_t claim_pages(std::uint64_t start, std::uint64_t argument_address);
  [[nodiscard]] std::int64_t get_vnumainfo(std::uint64_t start, std::uint64_t argument_address);
  [[nodiscard]] std::int64_t acquire_resource(std::uint64_t argument_address);
  [[nodiscard]] std::int64_t exchange(std::uint64_t argument_address);
  [[nodiscard]] std::int64_t reserved_device_memory(std::uint64_t argument_address);

  Memory_owner& owner_;
  Lock lock_;
  // Where shared_info was placed last: it still is, if it still stands there.
  std::optional<abi::Gfn> shared_info_at_;
  // Pages more, and fewer, than it started with.
  std::uint64_t gained_ = 0;
  std::uint64_t given_up_ = 0;
  // Those it gave up, for populate_physmap to use again.
  std::vector<Mfn> free_;
  // Those it gave up while somebody still referred to them: they count until nobody does.
  struct Referred {
    abi::Gfn at;
    Mfn page;
  };
  std::vector<Referred> referred_;
};

}  // namespace enlighten::model
