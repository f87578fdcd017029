// SPDX-License-Identifier: MIT
// Has Xen copy to or from pages that other domains have granted, without mapping them ([xen] GNTTABOP_copy).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <abi/grant_table.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>
#include <guest/hypercalls.hpp>

namespace enlighten::guest {

// A part of a page that `domain` has granted to this one.
struct Granted_part {
  Domain_id domain;
  Grant_ref ref;
  std::uint32_t offset = 0;  // bytes into the page
};

// One copy of a batch; on neither side may it go over the end of a page. What is copied may change meanwhile, as
// the other domain likes: the copy is checked, not the original.
class Grant_copy {
 public:
  // `to` and `from` are memory of ours, identity-mapped.
  [[nodiscard]] static Grant_copy from_peer(const Granted_part& from, std::span<std::byte> to) noexcept;
  // The grant must let us write.
  [[nodiscard]] static Grant_copy to_peer(const Granted_part& to, std::span<const std::byte> from) noexcept;

  // Every copy is attempted, whatever becomes of those before it; an error is the first one's. Nothing is attempted
  // if one of them goes over the end of a page.
  [[nodiscard]] static Result<> run(const Hypercalls& xen, std::span<Grant_copy> batch) noexcept;

  // Of this one, after run(); number() is the status (abi::Grant_status).
  [[nodiscard]] Result<> outcome() const noexcept;

 private:
  Grant_copy(const abi::Gnttab_copy::Side& source, const abi::Gnttab_copy::Side& dest, std::uint16_t flags,
             std::size_t length) noexcept;

  // Xen reads and writes the array of these.
  abi::Gnttab_copy operation_;
};
static_assert(sizeof(Grant_copy) == sizeof(abi::Gnttab_copy));

}  // namespace enlighten::guest
