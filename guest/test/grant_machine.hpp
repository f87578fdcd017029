// SPDX-License-Identifier: MIT
// A domain with a little memory at low addresses, and a Xen that answers what is asked of grants from a script.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <abi/errno.hpp>
#include <abi/grant_table.hpp>
#include <arch/hosted_machine.hpp>
#include <guest/cpu_local.hpp>
#include <guest/frame_mapper.hpp>
#include <guest/hypercalls.hpp>
#include <guest/machine.hpp>
#include <guest/page_pool.hpp>
#include <guest/page_source.hpp>

namespace enlighten::guest::test {

using Calls = std::vector<std::string>;

// Addresses below 2^31, for a grant entry has 32 bits for a frame and a sanitizer keeps its shadow above.
class Low_memory {
 public:
  static constexpr std::uint64_t base = 0x2000'0000;
  static constexpr std::uint64_t pages = 2048;

  Low_memory();
  ~Low_memory();
  Low_memory(const Low_memory&) = delete;
  Low_memory& operator=(const Low_memory&) = delete;
};

class Grant_machine final : public arch::hosted::Machine,
                            public Page_source,
                            public Page_pool,
                            public Frame_mapper {
 public:
  // Where a test finds what, in pages from Low_memory::base on.
  static constexpr Memory_range grant_region{Low_memory::base, 16 * abi::page_size};
  static constexpr Memory_range window{Low_memory::base + 16 * abi::page_size, 48 * abi::page_size};

  // All calls of the guest's, and of this folder's code to stage 1, in order: "add_to_physmap 0 at 0x20000000",
  // "query_size", "decrease_reservation 0x20040", "map 9 of 2 at 0x20010000", "map read-only ...", "unmap 9 at
  // 0x20010000", "stage 1 maps 2 at 0x20010000", "stage 1 unmaps ...", "copy".
  Calls calls;
  std::map<std::string, abi::Errno> refusals;                 // by a call's first word
  std::map<Grant_ref, abi::Grant_status> map_statuses;        // okay where there is none
  std::map<std::uint64_t, abi::Grant_status> unmap_statuses;  // by address
  std::vector<abi::Grant_status> copy_statuses;
  std::vector<abi::Gnttab_copy> copies;
  std::uint32_t max_frames = 4;
  bool stage_1_has_tables = true;
  std::uint32_t pool_pages = 1900;  // that can still be taken
  std::uint32_t source_pages = 32;

  Hypercalls hypercalls{Hypercalls::Presence::present};

  Grant_machine() { cpu_local = &self_; }

  [[nodiscard]] Calls take_calls() { return std::exchange(calls, {}); }
  // Pages that the pool got back and nobody has.
  std::vector<void*> returned;

  std::int64_t hypercall(abi::Hypercall number, const arch::hosted::Hypercall_arguments& arguments) override;
  [[nodiscard]] void* page() noexcept override;
  [[nodiscard]] void* take(std::uint32_t pages) noexcept override;
  void give_back(void* page) noexcept override;
  [[nodiscard]] Result<> map(std::uint64_t address, std::uint64_t pages, Frame_access access) noexcept override;
  [[nodiscard]] Result<> unmap(std::uint64_t address, std::uint64_t pages) noexcept override;

 private:
  [[nodiscard]] std::int64_t note(const std::string& call);
  [[nodiscard]] std::int64_t grant_table_op(abi::Grant_table_op operation, std::uint64_t batch,
                                            std::uint64_t count);

  Low_memory memory_;
  arch::hosted::Installed_machine installed_{*this};
  Cpu_local self_;
  std::uint64_t next_source_page_ = Low_memory::base + 64 * abi::page_size;
  std::uint64_t next_pool_page_ = Low_memory::base + 100 * abi::page_size;
};

}  // namespace enlighten::guest::test
