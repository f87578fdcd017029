// SPDX-License-Identifier: MIT
// Giving RAM back and getting it again: the operations that never fail, but do less than was asked.
#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>

#include <model/memory_operations.hpp>

#include "arguments.hpp"

namespace enlighten::model {
namespace {

// More could not be told in the bits a continuation has for it.
constexpr std::uint64_t most_extents = std::numeric_limits<std::uint32_t>::max() >> 6U;

}  // namespace

// Whatever is wrong, the result is how many extents are done, those before `start` included.
std::int64_t Memory_operations::change_reservation(abi::Memory_op operation, std::uint64_t start,
                                                   std::uint64_t argument_address) {
  const auto none = static_cast<std::int64_t>(start);
  const auto reservation = arguments::read<abi::Xen_memory_reservation>(owner_, argument_address);
  if (!reservation || reservation->nr_extents > most_extents || start >= reservation->nr_extents ||
      permit(reservation->domid) != 0 || reservation->extent_order > most_order) {
    return none;
  }
  std::uint64_t done = start;
  while (done < reservation->nr_extents) {
    {
      const Lock_guard guard{lock_, owner_.turns()};
      take_back_what_is_free();
      if (!change_extent(operation, *reservation, done)) {
        break;
      }
    }
    ++done;
    // A continuation of the last extent would find nothing left to do, which Xen does not make.
    if (done < reservation->nr_extents && owner_.turns().preempted()) {
      return change_reservation(operation, done, argument_address);
    }
  }
  return static_cast<std::int64_t>(done);
}

bool Memory_operations::change_extent(abi::Memory_op operation, const abi::Xen_memory_reservation& reservation,
                                      std::uint64_t extent) {
  const std::uint64_t pages = std::uint64_t{1} << reservation.extent_order;
  if (operation == abi::Memory_op::increase_reservation) {
    return increase(pages);
  }
  const auto first =
      arguments::read<abi::Gfn>(owner_, reservation.extent_start.address() + extent * sizeof(abi::Gfn));
  if (!first) {
    return false;
  }
  return operation == abi::Memory_op::populate_physmap ? populate(*first, pages) : decrease(*first, pages);
}

bool Memory_operations::may_have(std::uint64_t more) {
  return owner_.ram_pages() + gained_ - given_up_ + more <= owner_.most_ram_pages();
}

// All pages of an extent or none. Xen has allocated them before it finds that they can be nowhere, and the domain
// keeps them until its end.
bool Memory_operations::populate(abi::Gfn first, std::uint64_t count) {
  const abi::Gfn last{first.value() + count - 1};
  if (!may_have(count)) {
    return false;
  }
  gained_ += count;
  if (last < first || !owner_.covers(first) || !owner_.covers(last)) {
    owner_.blame_guest("populates frame " + std::to_string(first.value()) +
                       ", which cannot be: the page is lost until the domain ends");
    return false;
  }
  for (std::uint64_t index = 0; index < count; ++index) {
    const abi::Gfn frame{first.value() + index};
    if (content_of(frame) != Content::hole) {
      owner_.blame_guest("populates frame " + std::to_string(frame.value()) +
                         ", which is no hole: what is there is lost");
    }
    owner_.place(frame, page_for_guest(), Access::read_write);
  }
  return true;
}

// With what was last in it: Xen clears the pages of a domain that has ended, not those a domain gives back.
Mfn Memory_operations::page_for_guest() {
  if (free_.empty()) {
    return owner_.allocate_frame();
  }
  const Mfn page = free_.back();
  free_.pop_back();
  return page;
}

void Memory_operations::take_back_what_is_free() {
  std::erase_if(referred_, [this](const Referred& one) {
    if (owner_.pinned_by(one.at) != nullptr || owner_.grant_table(owner_.id())->in_use(one.page)) {
      return false;
    }
    ++given_up_;
    free_.push_back(one.page);
    return true;
  });
}

// Page by page: what came before a page that cannot be given up is gone, although its extent does not count as
// done.
bool Memory_operations::decrease(abi::Gfn first, std::uint64_t count) {
  for (std::uint64_t index = 0; index < count; ++index) {
    if (!give_up(abi::Gfn{first.value() + index})) {
      return false;
    }
  }
  return true;
}

bool Memory_operations::give_up(abi::Gfn frame) {
  const Content content = content_of(frame);
  if (content == Content::hole) {
    return false;
  }
  blame_for_loss(frame, content, "gives it up by decrease_reservation");
  if (content == Content::foreign_grant) {
    return false;
  }
  if (content == Content::shared_info || content == Content::grant_frame) {
    owner_.blame_guest("frame " + std::to_string(frame.value()) +
                       ": the guest gives up a page of Xen's by decrease_reservation, not remove_from_physmap");
  }
  const std::optional<Mfn> page = owner_.machine_frame(frame);
  owner_.remove(frame);
  if (content == Content::ram) {
    referred_.push_back({frame, *page});
    take_back_what_is_free();
  }
  return true;
}

// On Arm these pages count, and appear nowhere.
bool Memory_operations::increase(std::uint64_t count) {
  if (!may_have(count)) {
    return false;
  }
  gained_ += count;
  owner_.blame_guest("increase_reservation: the guest gets pages that it can find nowhere and never give back");
  return true;
}

}  // namespace enlighten::model
