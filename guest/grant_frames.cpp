// SPDX-License-Identifier: MIT
// Asks Xen for one frame of the grant table after the other, and finds it a place.
#include <guest/grant_frames.hpp>

#include <algorithm>
#include <span>

#include <abi/domain_id.hpp>
#include <abi/grant_status.hpp>

namespace enlighten::guest {

Result<> Grant_frames::begin() noexcept {
  abi::Gnttab_query_size size{.dom = abi::domain_self};
  ENLIGHTEN_TRY(xen_->grant_table(abi::Grant_table_op::query_size, std::span{&size, 1}));
  if (size.status != abi::Grant_status::okay) {
    return Error::numbered(Error_kind::hypercall, static_cast<std::int64_t>(size.status),
                           "grants: Xen does not tell the size of the table: %s",
                           abi::grant_status_name(size.status));
  }
  void* const page = pages_->page();
  if (page == nullptr) {
    return Error::make(Error_kind::out_of_memory, "grants: no page for the table's directory");
  }
  limit_ = std::min(size.max_nr_frames, most_frames);
  directory_.store(static_cast<Frame*>(page), std::memory_order_relaxed);
  return {};
}

// A page of them serves two frames.
Result<std::uint32_t*> Grant_frames::links_of(std::uint32_t frame) noexcept {
  static_assert(links_per_page == 2 * abi::grant_entries_per_frame);
  if (frame % 2 != 0) {
    return directory_.load(std::memory_order_relaxed)[frame - 1].links + abi::grant_entries_per_frame;
  }
  if (spare_links_ == nullptr) {
    spare_links_ = static_cast<std::uint32_t*>(pages_->page());
  }
  if (spare_links_ == nullptr) {
    return Error::make(Error_kind::out_of_memory, "grants: no page for the links of frame %u",
                       static_cast<unsigned>(frame));
  }
  return spare_links_;
}

Result<std::uint64_t> Grant_frames::make_room(std::uint32_t frame) noexcept {
  if (spare_room_) {
    return *spare_room_;
  }
  const std::uint64_t offset = frame * abi::page_size;
  if (offset < region_.size && region_.size - offset >= abi::page_size) {
    const std::uint64_t address = region_.base + offset;
    ENLIGHTEN_TRY(mapper_->map(address, 1, Frame_access::read_write));
    spare_room_ = address;
    return address;
  }
  void* const page = pages_->page();
  if (page == nullptr) {
    return Error::make(Error_kind::out_of_memory, "grants: no page to make room for frame %u",
                       static_cast<unsigned>(frame));
  }
  // It would otherwise stay allocated with nobody able to reach it, once the frame stands in its place.
  const abi::Gfn room = gfn_of_object(page);
  static_cast<void>(ENLIGHTEN_TRY(xen_->decrease_reservation(std::span{&room, 1})));
  spare_room_ = abi::address_of(room);
  return *spare_room_;
}

Result<Grant_ref> Grant_frames::grow() noexcept {
  if (directory_.load(std::memory_order_relaxed) == nullptr) {
    ENLIGHTEN_TRY(begin());
  }
  const std::uint32_t frame = frames_.load(std::memory_order_relaxed);
  if (frame == limit_) {
    return Error::make(Error_kind::exhausted, "grants: all %u of the domain's %u frames are in use",
                       static_cast<unsigned>(frame * abi::grant_entries_per_frame), static_cast<unsigned>(limit_));
  }
  std::uint32_t* const links = ENLIGHTEN_TRY(links_of(frame));
  const std::uint64_t room = ENLIGHTEN_TRY(make_room(frame));
  ENLIGHTEN_TRY(xen_->add_to_physmap(abi::Map_space::grant_table, frame, abi::gfn_of(room)));
  spare_room_.reset();
  if (frame % 2 == 0) {
    spare_links_ = nullptr;
  }
  directory_.load(std::memory_order_relaxed)[frame] = {reinterpret_cast<Grant_entry_words*>(room), links};
  frames_.store(frame + 1, std::memory_order_relaxed);
  return Grant_ref{frame * abi::grant_entries_per_frame};
}

}  // namespace enlighten::guest
