// SPDX-License-Identifier: MIT
// What the guest asks to find at which frame: XENMEM_add_to_physmap, its batch, and remove_from_physmap.
#include <string>

#include <abi/domain_id.hpp>
#include <model/memory_operations.hpp>

#include "arguments.hpp"

namespace enlighten::model {
namespace {

using abi::Errno;
using arguments::refusal;

}  // namespace

std::int64_t Memory_operations::add_to_physmap(std::uint64_t start, std::uint64_t argument_address) {
  const auto wanted = arguments::read<abi::Xen_add_to_physmap>(owner_, argument_address);
  if (!wanted) {
    return refusal(Errno::efault);
  }
  if (wanted->space == abi::Map_space::gmfn_foreign) {
    return refusal(Errno::enosys);
  }
  if (const std::int64_t refused = permit(wanted->domid, wanted->space); refused != 0) {
    return refused;
  }
  if (wanted->gpfn == abi::no_frame) {
    return refusal(Errno::einval);
  }
  if (wanted->space != abi::Map_space::gmfn_range) {
    return add(wanted->space, abi::domain_invalid, wanted->idx, wanted->gpfn);
  }
  // Each page of a range is one of gmfn, which Arm does not have.
  if (wanted->size < start) {
    return refusal(Errno::eilseq);
  }
  return wanted->size == start ? 0 : refusal(Errno::enosys);
}

std::int64_t Memory_operations::permit(Domain_id domain, abi::Map_space space) {
  const std::int64_t refused = permit(domain);
  return refused != refusal(Errno::esrch) && space == abi::Map_space::dev_mmio ? refusal(Errno::eacces) : refused;
}

std::int64_t Memory_operations::add_to_physmap_batch(std::uint64_t start, std::uint64_t argument_address) {
  const auto batch = arguments::read<abi::Xen_add_to_physmap_batch>(owner_, argument_address);
  if (!batch) {
    return refusal(Errno::efault);
  }
  const auto space = static_cast<abi::Map_space>(batch->space);
  if (space == abi::Map_space::gmfn_range) {
    return refusal(Errno::eopnotsupp);
  }
  if (const std::int64_t refused = permit(batch->domid, space); refused != 0) {
    return refused;
  }
  if (start != 0 && start >= batch->size) {
    return refusal(Errno::eilseq);
  }
  for (std::uint64_t page = start; page < batch->size; ++page) {
    if (owner_.turns().preempted()) {
      return add_to_physmap_batch(page, argument_address);
    }
    const auto index = arguments::read<std::uint64_t>(owner_, batch->idxs.address() + page * sizeof(std::uint64_t));
    const auto at = arguments::read<abi::Gfn>(owner_, batch->gpfns.address() + page * sizeof(abi::Gfn));
    if (!index || !at) {
      return refusal(Errno::efault);
    }
    // Of the whole call, with what is behind it untouched: only this one is not a page's own error.
    if (*at == abi::no_frame) {
      return refusal(Errno::einval);
    }
    const auto error = static_cast<std::int32_t>(add(space, batch->foreign_domid, *index, *at));
    if (!arguments::write(owner_, batch->errs.address() + page * sizeof error, error)) {
      return refusal(Errno::efault);
    }
  }
  return 0;
}

std::int64_t Memory_operations::add(abi::Map_space space, Domain_id foreign, std::uint64_t index, abi::Gfn at) {
  switch (space) {
    case abi::Map_space::shared_info:
      return add_shared_info(index, at);
    case abi::Map_space::grant_table:
      return add_grant_frame(index, at);
    case abi::Map_space::gmfn_foreign:
      return add_foreign(foreign);
    case abi::Map_space::dev_mmio:
    case abi::Map_space::gmfn:
    case abi::Map_space::gmfn_range:
      break;
  }
  return refusal(Errno::enosys);
}

// Xen remembers one frame for each page of its own: while the guest finds it somewhere, it gets it nowhere else
// ([xen] arm/mm.c, xenmem_add_to_physmap_one).
std::int64_t Memory_operations::add_shared_info(std::uint64_t index, abi::Gfn at) {
  if (index != 0) {
    return refusal(Errno::einval);
  }
  const Lock_guard guard{lock_, owner_.turns()};
  const Mfn frame = owner_.shared_info_frame();
  if (shared_info_at_ && owner_.machine_frame(*shared_info_at_) == frame) {
    return refusal(Errno::ebusy);
  }
  if (!owner_.covers(at)) {
    return refusal(Errno::einval);
  }
  place(frame, at);
  shared_info_at_ = at;
  return 0;
}

std::int64_t Memory_operations::add_grant_frame(std::uint64_t index, abi::Gfn at) {
  const Lock_guard guard{lock_, owner_.turns()};
  Grant_table& grants = *owner_.grant_table(owner_.id());
  const std::optional<Mfn> frame = grants.frame_for(index);
  if (!frame) {
    return refusal(Errno::einval);
  }
  if (grants.place_of(index)) {
    return refusal(Errno::ebusy);
  }
  if (!owner_.covers(at)) {
    return refusal(Errno::einval);
  }
  place(*frame, at);
  grants.placed(index, at);
  return 0;
}

// Of another's memory nothing, and one's own is no other's.
std::int64_t Memory_operations::add_foreign(Domain_id foreign) {
  if (foreign == abi::domain_self) {
    return refusal(Errno::einval);
  }
  return foreign == owner_.id() ? refusal(Errno::esrch) : permit(foreign);
}

void Memory_operations::place(Mfn frame, abi::Gfn at) {
  blame_for_loss(at, content_of(at), "has something else placed over it");
  owner_.place(at, frame, Access::read_write);
}

std::int64_t Memory_operations::remove_from_physmap(std::uint64_t start, std::uint64_t argument_address) {
  if (start != 0) {
    return refusal(Errno::einval);
  }
  const auto wanted = arguments::read<abi::Xen_remove_from_physmap>(owner_, argument_address);
  if (!wanted) {
    return refusal(Errno::efault);
  }
  if (const std::int64_t refused = permit(wanted->domid); refused != 0) {
    return refused;
  }
  const Lock_guard guard{lock_, owner_.turns()};
  const Content content = content_of(wanted->gpfn);
  if (content == Content::hole) {
    return refusal(Errno::enoent);
  }
  blame_for_loss(wanted->gpfn, content, "removes it from its memory map");
  // Xen finds no page of the caller's there.
  if (content == Content::foreign_grant) {
    return refusal(Errno::enoent);
  }
  owner_.remove(wanted->gpfn);
  return 0;
}

void Memory_operations::blame_for_loss(abi::Gfn frame, Content content, const char* how) {
  const std::string who_and_what = "frame " + std::to_string(frame.value()) + ": the guest " + how;
  if (const char* const by = owner_.pinned_by(frame)) {
    owner_.blame_guest(who_and_what + " while Xen refers to it: " + by);
  } else if (content == Content::own_grant || content == Content::foreign_grant) {
    owner_.blame_guest(who_and_what + " while a grant is mapped there, which only unmap_grant_ref undoes");
  }
}

}  // namespace enlighten::model
