// SPDX-License-Identifier: MIT
// How this folder's user lets frames be reached that Xen puts into the guest-physical map: stage 1 of the
// translation.
#pragma once

#include <cstdint>

#include <base/result.hpp>

namespace enlighten::guest {

// What may be done to a frame of somebody else's, or by somebody else to one of ours.
enum class Frame_access : std::uint8_t { read_only, read_write };

// Addresses are guest-physical, of whole pages of 4 KiB, and mapped to themselves. Called on any vCPU, without
// order between vCPUs, and never twice for the same page without an unmap() between.
class Frame_mapper {
 public:
  // From here on every CPU reaches those pages, as Normal, inner shareable, write-back memory ([xen] arch-arm.h).
  // `read_only` means that a store faults at stage 1: one that went on to a grant which Xen maps read-only would
  // never end, for Xen neither lets it through nor tells the guest.
  [[nodiscard]] virtual Result<> map(std::uint64_t address, std::uint64_t pages, Frame_access access) noexcept = 0;

  // Once this has returned, no CPU reaches them any more or holds a translation of them.
  [[nodiscard]] virtual Result<> unmap(std::uint64_t address, std::uint64_t pages) noexcept = 0;

 protected:
  Frame_mapper() = default;
  Frame_mapper(const Frame_mapper&) = default;
  Frame_mapper& operator=(const Frame_mapper&) = default;
  ~Frame_mapper() = default;
};

}  // namespace enlighten::guest
