// SPDX-License-Identifier: MIT
// Which XENMEM operation goes where, and those that only ask or are refused.
#include <model/memory_operations.hpp>

#include <abi/domain_id.hpp>

#include "arguments.hpp"

namespace enlighten::model {
namespace {

using abi::Errno;
using arguments::refusal;

// Above these bits of a command stands the extent to start with.
constexpr std::uint32_t command_bits = 6;

// What a guest asks after its virtual NUMA nodes ([xen] memory.h, struct xen_vnuma_topology_info).
struct Vnuma_question {
  Domain_id domid;
  std::uint16_t pad;
  std::uint32_t numbers[3];
  std::uint64_t lists[3];
};
static_assert(sizeof(Vnuma_question) == 40);

// What a device model asks for ([xen] memory.h, struct xen_mem_acquire_resource).
struct Resource_question {
  Domain_id domid;
  std::uint16_t type;
  std::uint32_t id;
  std::uint32_t nr_frames;
  std::uint32_t pad;
  std::uint64_t frame;
  std::uint64_t frame_list;
};
static_assert(sizeof(Resource_question) == 32);

// What a device's owner asks for ([xen] memory.h, struct xen_reserved_device_memory_map).
struct Reserved_memory_question {
  std::uint32_t flags;
  std::uint32_t nr_entries;
  std::uint64_t buffer;
  std::uint32_t device[2];
};
static_assert(sizeof(Reserved_memory_question) == 24);

}  // namespace

std::int64_t Memory_operations::call(std::uint64_t command, std::uint64_t argument_address) {
  using Op = abi::Memory_op;
  const std::uint64_t start = command >> command_bits;
  const auto operation = static_cast<Op>(command & ((1U << command_bits) - 1));
  switch (operation) {
    case Op::increase_reservation:
    case Op::decrease_reservation:
    case Op::populate_physmap:
      return change_reservation(operation, start, argument_address);
    case Op::maximum_ram_page:
    case Op::current_reservation:
    case Op::maximum_reservation:
    case Op::maximum_gpfn:
      return query(operation, start, argument_address);
    case Op::add_to_physmap:
      return add_to_physmap(start, argument_address);
    case Op::add_to_physmap_batch:
      return add_to_physmap_batch(start, argument_address);
    case Op::remove_from_physmap:
      return remove_from_physmap(start, argument_address);
    case Op::claim_pages:
      return claim_pages(start, argument_address);
    case Op::get_vnumainfo:
      return get_vnumainfo(start, argument_address);
    case Op::acquire_resource:
      return acquire_resource(argument_address);
    case Op::exchange:
      return exchange(argument_address);
    case Op::reserved_device_memory_map:
      return reserved_device_memory(argument_address);
    case Op::memory_map:
    case Op::machine_memory_map:
      break;
  }
  return refusal(Errno::enosys);
}

std::int64_t Memory_operations::permit(Domain_id domain) {
  if (domain == abi::domain_self || domain == owner_.id()) {
    return 0;
  }
  const bool exists = domain < abi::first_reserved_domain && owner_.grant_table(domain) != nullptr;
  return refusal(exists ? Errno::eperm : Errno::esrch);
}

// By what stands there now: a mapping of one's own page by a grant is one, whatever page that is.
Memory_operations::Content Memory_operations::content_of(abi::Gfn frame) {
  const std::optional<Mfn> standing = owner_.machine_frame(frame);
  if (!standing) {
    return Content::hole;
  }
  Grant_table& grants = *owner_.grant_table(owner_.id());
  if (const std::optional<Domain_id> granter = grants.granter_at(frame)) {
    return *granter == owner_.id() ? Content::own_grant : Content::foreign_grant;
  }
  if (*standing == owner_.shared_info_frame()) {
    return Content::shared_info;
  }
  return grants.holds(*standing) ? Content::grant_frame : Content::ram;
}

std::uint64_t Memory_operations::pages() {
  const Lock_guard guard{lock_, owner_.turns()};
  take_back_what_is_free();
  return owner_.ram_pages() + gained_ - given_up_;
}

std::int64_t Memory_operations::query(abi::Memory_op operation, std::uint64_t start,
                                      std::uint64_t argument_address) {
  if (start != 0) {
    return refusal(Errno::einval);
  }
  if (operation == abi::Memory_op::maximum_ram_page) {
    return static_cast<std::int64_t>(owner_.maximum_machine_frame().value());
  }
  const auto asked = arguments::read<abi::Xen_memory_domain>(owner_, argument_address);
  if (!asked) {
    return refusal(Errno::efault);
  }
  if (const std::int64_t refused = permit(asked->domid); refused != 0) {
    return refused;
  }
  if (operation == abi::Memory_op::maximum_gpfn) {
    return static_cast<std::int64_t>(owner_.maximum_gfn().value());
  }
  return static_cast<std::int64_t>(operation == abi::Memory_op::current_reservation ? pages()
                                                                                    : owner_.most_ram_pages());
}

// Only a toolstack may; whether the claim makes sense is looked at before.
std::int64_t Memory_operations::claim_pages(std::uint64_t start, std::uint64_t argument_address) {
  if (start != 0) {
    return refusal(Errno::einval);
  }
  const auto claim = arguments::read<abi::Xen_memory_reservation>(owner_, argument_address);
  if (!claim) {
    return refusal(Errno::efault);
  }
  const bool makes_sense = claim->extent_start.address() == 0 && claim->extent_order == 0 && claim->mem_flags == 0;
  // By number only: DOMID_SELF is no domain's.
  const bool exists = claim->domid < abi::first_reserved_domain && owner_.grant_table(claim->domid) != nullptr;
  return refusal(makes_sense && exists ? Errno::eperm : Errno::einval);
}

std::int64_t Memory_operations::get_vnumainfo(std::uint64_t start, std::uint64_t argument_address) {
  if (start != 0) {
    return refusal(Errno::einval);
  }
  const auto question = arguments::read<Vnuma_question>(owner_, argument_address);
  if (!question) {
    return refusal(Errno::efault);
  }
  if (question->pad != 0) {
    return refusal(Errno::einval);
  }
  const std::int64_t refused = permit(question->domid);
  return refused != 0 ? refused : refusal(Errno::eopnotsupp);
}

// Of one's own resources there are none to acquire, so neither number nor DOMID_SELF helps.
std::int64_t Memory_operations::acquire_resource(std::uint64_t argument_address) {
  const auto question = arguments::read<Resource_question>(owner_, argument_address);
  if (!question) {
    return refusal(Errno::efault);
  }
  if (question->pad != 0) {
    return refusal(Errno::einval);
  }
  const bool exists =
      question->domid < abi::first_reserved_domain && owner_.grant_table(question->domid) != nullptr;
  return refusal(exists ? Errno::eperm : Errno::esrch);
}

// Not done on Arm, where no page can be taken from a domain: but first the question is looked at, and the page.
std::int64_t Memory_operations::exchange(std::uint64_t argument_address) {
  const auto wanted = arguments::read<abi::Xen_memory_exchange>(owner_, argument_address);
  if (!wanted) {
    return refusal(Errno::efault);
  }
  const auto& [in, out, done] = *wanted;
  if (in.extent_order > most_order || out.extent_order > most_order) {
    return refusal(Errno::eperm);
  }
  if (done > in.nr_extents || in.domid != out.domid ||
      in.nr_extents << in.extent_order != out.nr_extents << out.extent_order) {
    return refusal(Errno::einval);
  }
  if (done == in.nr_extents) {
    return 0;
  }
  if (const std::int64_t refused = permit(in.domid); refused != 0) {
    return refused;
  }
  const auto first = arguments::read<abi::Gfn>(owner_, in.extent_start.address() + done * sizeof(abi::Gfn));
  if (!first) {
    return refusal(Errno::efault);
  }
  return refusal(owner_.machine_frame(*first) ? Errno::eopnotsupp : Errno::einval);
}

// On Arm no device has any: there are none to tell of, however much room there is.
std::int64_t Memory_operations::reserved_device_memory(std::uint64_t argument_address) {
  auto question = arguments::read<Reserved_memory_question>(owner_, argument_address);
  if (!question) {
    return refusal(Errno::efault);
  }
  if ((question->flags & ~std::uint32_t{1}) != 0) {
    return refusal(Errno::einval);
  }
  question->nr_entries = 0;
  return arguments::write(owner_, argument_address, *question) ? 0 : refusal(Errno::efault);
}

}  // namespace enlighten::model
