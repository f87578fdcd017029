// SPDX-License-Identifier: MIT
// Puts calls in words and answers from the script.
#include "grant_machine.hpp"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <abi/memory_op.hpp>

namespace enlighten::guest::test {
namespace {

template <typename Argument>
[[nodiscard]] Argument& as(std::uint64_t address) {
  return *reinterpret_cast<Argument*>(static_cast<std::uintptr_t>(address));
}

[[nodiscard]] std::string hex(std::uint64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "%#llx", static_cast<unsigned long long>(number));
  return text;
}

}  // namespace

Low_memory::Low_memory() {
  void* const wanted = reinterpret_cast<void*>(base);
  if (mmap(wanted, pages * abi::page_size, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != wanted) {
    std::perror("no memory at the address that the test needs");
    std::abort();
  }
}
Low_memory::~Low_memory() {
  munmap(reinterpret_cast<void*>(base), pages * abi::page_size);
}

std::int64_t Grant_machine::note(const std::string& call) {
  calls.push_back(call);
  const auto refusal = refusals.find(call.substr(0, call.find(' ')));
  return refusal == refusals.end() ? 0 : -static_cast<std::int64_t>(refusal->second);
}

std::int64_t Grant_machine::hypercall(abi::Hypercall number, const arch::hosted::Hypercall_arguments& arguments) {
  if (number == abi::Hypercall::grant_table_op) {
    return grant_table_op(static_cast<abi::Grant_table_op>(arguments[0]), arguments[1], arguments[2]);
  }
  if (static_cast<abi::Memory_op>(arguments[0]) == abi::Memory_op::add_to_physmap) {
    const auto& add = as<const abi::Xen_add_to_physmap>(arguments[1]);
    const std::string space = add.space == abi::Map_space::grant_table ? "" : "of another space ";
    return note("add_to_physmap " + space + std::to_string(add.idx) + " at " + hex(abi::address_of(add.gpfn)));
  }
  const auto& give = as<const abi::Xen_memory_reservation>(arguments[1]);
  return note("decrease_reservation " + hex(as<const std::uint64_t>(give.extent_start.address()))) == 0 ? 1 : 0;
}

std::int64_t Grant_machine::grant_table_op(abi::Grant_table_op operation, std::uint64_t batch,
                                           std::uint64_t count) {
  std::int64_t answer = 0;
  switch (operation) {
    case abi::Grant_table_op::query_size:
      as<abi::Gnttab_query_size>(batch).max_nr_frames = max_frames;
      return note("query_size");
    case abi::Grant_table_op::map_grant_ref:
      for (std::uint64_t index = 0; index < count; ++index) {
        auto& map = as<abi::Gnttab_map_grant_ref>(batch + index * sizeof(abi::Gnttab_map_grant_ref));
        const bool read_only = map.flags == (abi::grant_map::host_map | abi::grant_map::readonly);
        answer = note((read_only ? "map read-only " : "map ") + std::to_string(map.ref.value()) + " of " +
                      std::to_string(map.dom.value()) + " at " + hex(map.host_addr));
        if (answer != 0) {
          return answer;
        }
        const auto scripted = map_statuses.find(map.ref);
        map.status = scripted == map_statuses.end() ? abi::Grant_status::okay : scripted->second;
        map.handle = abi::Grant_handle{map.ref.value()};
      }
      return 0;
    case abi::Grant_table_op::unmap_grant_ref:
      for (std::uint64_t index = 0; index < count; ++index) {
        auto& unmap = as<abi::Gnttab_unmap_grant_ref>(batch + index * sizeof(abi::Gnttab_unmap_grant_ref));
        answer = note("unmap " + std::to_string(unmap.handle.value()) + " at " + hex(unmap.host_addr));
        if (answer != 0) {
          return answer;
        }
        const auto scripted = unmap_statuses.find(unmap.host_addr);
        unmap.status = scripted == unmap_statuses.end() ? abi::Grant_status::okay : scripted->second;
      }
      return 0;
    case abi::Grant_table_op::copy:
      for (std::uint64_t index = 0; index < count; ++index) {
        auto& copy = as<abi::Gnttab_copy>(batch + index * sizeof(abi::Gnttab_copy));
        copy.status = index < copy_statuses.size() ? copy_statuses[index] : abi::Grant_status::okay;
        copies.push_back(copy);
      }
      return note("copy");
    default:
      return note("grant_table_op " + std::to_string(static_cast<std::uint32_t>(operation)));
  }
}

void* Grant_machine::page() noexcept {
  if (source_pages == 0) {
    return nullptr;
  }
  --source_pages;
  void* const page = reinterpret_cast<void*>(next_source_page_);
  next_source_page_ += abi::page_size;
  return page;
}

void* Grant_machine::take(std::uint32_t pages) noexcept {
  if (pages == 1 && !returned.empty()) {
    void* const page = returned.back();
    returned.pop_back();
    std::memset(page, 0, abi::page_size);
    return page;
  }
  if (pages > pool_pages) {
    return nullptr;
  }
  pool_pages -= pages;
  void* const first = reinterpret_cast<void*>(next_pool_page_);
  next_pool_page_ += pages * abi::page_size;
  return first;
}

void Grant_machine::give_back(void* page) noexcept {
  returned.push_back(page);
}

Result<> Grant_machine::map(std::uint64_t address, std::uint64_t pages, Frame_access access) noexcept {
  calls.push_back("stage 1 maps " + std::to_string(pages) + " at " + hex(address) +
                  (access == Frame_access::read_only ? " read-only" : ""));
  if (!stage_1_has_tables) {
    return Error::make(Error_kind::out_of_memory, "no table");
  }
  return {};
}

Result<> Grant_machine::unmap(std::uint64_t address, std::uint64_t pages) noexcept {
  calls.push_back("stage 1 unmaps " + std::to_string(pages) + " at " + hex(address));
  return {};
}

}  // namespace enlighten::guest::test
