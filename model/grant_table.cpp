// SPDX-License-Identifier: MIT
// Which GNTTABOP goes where, and those about the table as a whole.
#include <model/grant_table.hpp>

#include <abi/domain_id.hpp>

#include "arguments.hpp"
#include "grant_batch.hpp"

namespace enlighten::model {
namespace {

using abi::Errno;
using abi::Grant_status;
using arguments::refusal;

// Where a continuation of Xen's own keeps how far it got; none but cache_flush has one there.
constexpr std::uint32_t operation_bits = 12;

}  // namespace

std::int64_t Grant_table::call(std::uint32_t operation, std::uint64_t argument_address, std::uint32_t count) {
  using Op = abi::Grant_table_op;
  constexpr std::uint32_t most = 0x7fff'ffff;
  const auto which = static_cast<Op>(operation & ((1U << operation_bits) - 1));
  if (count > most || (operation >> operation_bits != 0 && which != Op::cache_flush)) {
    return refusal(Errno::einval);
  }
  switch (which) {
    case Op::map_grant_ref:
      return map_all(argument_address, count);
    case Op::unmap_grant_ref:
      return each<abi::Gnttab_unmap_grant_ref>(argument_address, count, [this](const auto& operands) {
        return unmap(operands.handle, operands.host_addr);
      });
    case Op::setup_table:
      return setup(argument_address, count);
    case Op::transfer:
      return refusal(Errno::eopnotsupp);
    case Op::copy:
      return each<abi::Gnttab_copy>(argument_address, count,
                                    [this](const auto& operands) { return copy(operands); });
    case Op::unmap_and_replace:
      return each<abi::Gnttab_unmap_and_replace>(
          argument_address, count, [this](const auto& operands) { return unmap_and_replace(operands); });
    case Op::query_size:
      return query_size(argument_address, count);
    case Op::set_version:
      return set_version(argument_address);
    case Op::get_version:
      return get_version(argument_address);
    case Op::get_status_frames:
      return get_status_frames(argument_address, count);
    case Op::swap_grant_ref:
      return each<abi::Gnttab_swap_grant_ref>(argument_address, count, [this](const auto& operands) {
        return entries_.swap(operands.ref_a, operands.ref_b);
      });
    case Op::cache_flush:
      return flush_all(argument_address, count);
  }
  return refusal(Errno::enosys);
}

std::optional<Domain_id> Grant_table::granter_at(abi::Gfn at) {
  const std::optional<Maptrack::Mapping> mapping = maptrack_.find_at(at);
  return mapping ? std::optional{mapping->granter} : std::nullopt;
}

Grant_table* Grant_table::by_number(Domain_id domain) {
  return domain >= abi::first_reserved_domain ? nullptr : domain_.grant_table(domain);
}

Grant_table* Grant_table::by_any_id(Domain_id domain) {
  return domain == abi::domain_self ? this : by_number(domain);
}

// Frames the guest has not placed read as no_frame: on Arm it is add_to_physmap that sets a table up.
Grant_status Grant_table::set_up(const abi::Gnttab_setup_table& operation) {
  Grant_table* const table = by_any_id(operation.dom);
  if (table == nullptr) {
    return Grant_status::bad_domain;
  }
  if (table != this) {
    return Grant_status::permission_denied;
  }
  if (!entries_.grow_to(operation.nr_frames)) {
    return Grant_status::general_error;
  }
  for (std::uint32_t index = 0; index < operation.nr_frames; ++index) {
    const std::uint64_t at = operation.frame_list.address() + std::uint64_t{index} * sizeof(abi::Gfn);
    if (!arguments::write(domain_, at, place_of(index).value_or(abi::no_frame))) {
      return Grant_status::bad_virt_addr;
    }
  }
  return Grant_status::okay;
}

std::int64_t Grant_table::setup(std::uint64_t address, std::uint32_t count) {
  if (count != 1) {
    return refusal(Errno::einval);
  }
  return each<abi::Gnttab_setup_table>(address, count, [this](const auto& operation) { return set_up(operation); });
}

std::int64_t Grant_table::query_size(std::uint64_t address, std::uint32_t count) {
  if (count != 1) {
    return refusal(Errno::einval);
  }
  std::optional<abi::Gnttab_query_size> operation = arguments::read<abi::Gnttab_query_size>(domain_, address);
  if (!operation) {
    return refusal(Errno::efault);
  }
  Grant_table* const table = by_any_id(operation->dom);
  if (table == nullptr) {
    operation->status = Grant_status::bad_domain;
  } else if (table != this) {
    operation->status = Grant_status::permission_denied;
  } else {
    operation->nr_frames = entries_.frames();
    operation->max_nr_frames = entries_.max_frames();
    operation->status = Grant_status::okay;
  }
  return arguments::write(domain_, address, *operation) ? 0 : refusal(Errno::efault);
}

// Of the first version there are none.
std::int64_t Grant_table::get_status_frames(std::uint64_t address, std::uint32_t count) {
  if (count != 1) {
    return refusal(Errno::einval);
  }
  return each<abi::Gnttab_get_status_frames>(address, count, [this](const auto& operation) {
    Grant_table* const table = by_any_id(operation.dom);
    if (table != this) {
      return table == nullptr ? Grant_status::bad_domain : Grant_status::permission_denied;
    }
    return operation.nr_frames == 0 ? Grant_status::okay : Grant_status::general_error;
  });
}

// Whatever comes of it, the caller is told which version there is.
std::int64_t Grant_table::set_version(std::uint64_t address) {
  const std::optional<abi::Gnttab_set_version> wanted = arguments::read<abi::Gnttab_set_version>(domain_, address);
  if (!wanted || !arguments::write(domain_, address, abi::Gnttab_set_version{.version = 1})) {
    return refusal(Errno::efault);
  }
  switch (wanted->version) {
    case 1:
      return 0;
    case 2:
      return refusal(Errno::enosys);
    default:
      return refusal(Errno::einval);
  }
}

std::int64_t Grant_table::get_version(std::uint64_t address) {
  const std::optional<abi::Gnttab_get_version> asked = arguments::read<abi::Gnttab_get_version>(domain_, address);
  if (!asked) {
    return refusal(Errno::efault);
  }
  Grant_table* const table = by_any_id(asked->dom);
  if (table != this) {
    return refusal(table == nullptr ? Errno::esrch : Errno::eperm);
  }
  constexpr std::uint32_t version = 1;
  const std::uint64_t at = address + offsetof(abi::Gnttab_get_version, version);
  return arguments::write(domain_, at, version) ? 0 : refusal(Errno::efault);
}

}  // namespace enlighten::model
