// SPDX-License-Identifier: MIT
// Mapping pages that other domains grant, and undoing it; flushing caches of what is mapped.
#include <string>

#include <model/grant_table.hpp>

#include "arguments.hpp"
#include "grant_batch.hpp"
#include "silo.hpp"

namespace enlighten::model {
namespace {

using abi::Errno;
using abi::Grant_status;
using arguments::refusal;

constexpr Access access_of(std::uint32_t flags) {
  return (flags & abi::grant_map::readonly) != 0 ? Access::read : Access::read_write;
}

std::string name_of(abi::Gfn frame) {
  return "frame " + std::to_string(frame.value());
}

}  // namespace

// As each() does, but that the whole operation is written back.
std::int64_t Grant_table::map_all(std::uint64_t address, std::uint32_t count) {
  for (std::uint32_t index = 0; index < count; ++index) {
    const std::uint64_t at = address + std::uint64_t{index} * sizeof(abi::Gnttab_map_grant_ref);
    auto operation = arguments::read<abi::Gnttab_map_grant_ref>(domain_, at);
    if (!operation) {
      return refusal(Errno::efault);
    }
    operation->status = map(*operation);
    if (!arguments::write(domain_, at, *operation)) {
      return refusal(Errno::efault);
    }
  }
  return 0;
}

// Arm maps for the CPU alone, at a guest-physical address.
Grant_status Grant_table::map(abi::Gnttab_map_grant_ref& operation) {
  using namespace abi::grant_map;
  if ((operation.flags & (device_map | host_map)) == 0) {
    return Grant_status::bad_gntref;
  }
  if ((operation.flags & (device_map | application_map | contains_pte)) != 0) {
    return Grant_status::general_error;
  }
  Grant_table* const granter = by_number(operation.dom);
  if (granter == nullptr) {
    return Grant_status::bad_domain;
  }
  if (kept_apart(domain_, domain_.id(), operation.dom)) {
    return Grant_status::permission_denied;
  }
  const std::optional<abi::Grant_handle> handle = maptrack_.reserve();
  if (!handle) {
    return Grant_status::no_space;
  }
  const Grant_status status = map_under(*handle, *granter, operation);
  if (status != Grant_status::okay) {
    maptrack_.give_back(*handle);
  }
  return status;
}

Grant_status Grant_table::map_under(abi::Grant_handle handle, Grant_table& granter,
                                    abi::Gnttab_map_grant_ref& operation) {
  const Access access = access_of(operation.flags);
  const auto frame = granter.entries_.acquire(operation.ref, domain_.id(), access, Grant_use::map);
  if (!frame) {
    return frame.error();
  }
  if ((operation.flags & ~abi::grant_map::readonly) != abi::grant_map::host_map) {
    granter.entries_.release(operation.ref, access);
    return Grant_status::general_error;
  }
  const abi::Gfn at = abi::gfn_of(operation.host_addr);
  // There is no such frame, be it a hole, for Xen to put the page at.
  if (!domain_.covers(at)) {
    granter.entries_.release(operation.ref, access);
    return Grant_status::general_error;
  }
  if (granter_at(at)) {
    domain_.blame_guest("maps a grant at " + name_of(at) + ", where it has another one mapped");
  }
  domain_.place(at, *frame, access);
  maptrack_.track(handle, {operation.dom, operation.ref, at, *frame, access});
  operation.handle = handle;
  operation.dev_bus_addr = frame->value() * abi::page_size;
  return Grant_status::okay;
}

// Zero for an address means that this kind of mapping is to stay ([xen] grant_table.h); dev_bus_addr is of none.
Grant_status Grant_table::unmap(abi::Grant_handle handle, std::uint64_t address) {
  const std::optional<Maptrack::Mapping> mapping = maptrack_.take(handle);
  if (!mapping) {
    return Grant_status::bad_handle;
  }
  const abi::Gfn at = abi::gfn_of(address);
  if (address == 0) {
    maptrack_.track(handle, *mapping);
    return Grant_status::okay;
  }
  if (at != mapping->at || domain_.machine_frame(at) != mapping->frame) {
    maptrack_.track(handle, *mapping);
    domain_.blame_guest("unmaps handle " + std::to_string(handle.value()) + " at " + name_of(at) +
                        ": it was mapped at " + name_of(mapping->at) +
                        (at == mapping->at ? ", but that is no longer there" : ""));
    return Grant_status::general_error;
  }
  domain_.remove(at);
  by_number(mapping->granter)->entries_.release(mapping->ref, mapping->access);
  maptrack_.give_back(handle);
  return Grant_status::okay;
}

void Grant_table::release_mappings() {
  while (const std::optional<Maptrack::Mapping> mapping = maptrack_.take_any()) {
    domain_.remove(mapping->at);
    by_number(mapping->granter)->entries_.release(mapping->ref, mapping->access);
  }
}

// There are no page tables of the guest's on Arm that another mapping could be taken from.
Grant_status Grant_table::unmap_and_replace(const abi::Gnttab_unmap_and_replace& operation) {
  if (operation.new_addr == 0) {
    return unmap(operation.handle, operation.host_addr);
  }
  const std::optional<Maptrack::Mapping> mapping = maptrack_.take(operation.handle);
  if (!mapping) {
    return Grant_status::bad_handle;
  }
  maptrack_.track(operation.handle, *mapping);
  return operation.host_addr == 0 ? Grant_status::okay : Grant_status::general_error;
}

std::int64_t Grant_table::flush_all(std::uint64_t address, std::uint32_t count) {
  for (std::uint32_t index = 0; index < count; ++index) {
    static_cast<void>(domain_.turns().preempted());
    const auto operation = arguments::read<abi::Gnttab_cache_flush>(
        domain_, address + std::uint64_t{index} * sizeof(abi::Gnttab_cache_flush));
    const std::int64_t result = operation ? flush(*operation) : refusal(Errno::efault);
    if (result != 0) {
      return result;
    }
  }
  return 0;
}

// There are no caches here: only whether the caller may.
std::int64_t Grant_table::flush(const abi::Gnttab_cache_flush& operation) {
  using namespace abi::grant_cache;
  if (operation.offset >= abi::page_size || std::uint32_t{operation.offset} + operation.length > abi::page_size ||
      (operation.op & ~(clean | invalidate)) != 0) {
    return refusal(Errno::einval);
  }
  if (operation.length == 0 || operation.op == 0) {
    return 0;
  }
  return maptrack_.maps(Mfn{operation.a.dev_bus_addr / abi::page_size}) ? 0 : refusal(Errno::einval);
}

}  // namespace enlighten::model
