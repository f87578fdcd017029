// SPDX-License-Identifier: MIT
// Describes copies to Xen, and what became of each in words.
#include <guest/grant_copy.hpp>

#include <algorithm>
#include <limits>

#include <abi/domain_id.hpp>
#include <abi/grant_status.hpp>

namespace enlighten::guest {
namespace {

using abi::Grant_status;
using Side = abi::Gnttab_copy::Side;

// No number of bytes in a page; what does not fit 16 bits goes over the end of one all the more.
constexpr std::uint16_t too_much = std::numeric_limits<std::uint16_t>::max();

[[nodiscard]] std::uint16_t bounded(std::size_t value) noexcept {
  return static_cast<std::uint16_t>(std::min<std::size_t>(value, too_much));
}

[[nodiscard]] Side side(const Granted_part& part) noexcept {
  return {.u = {.ref = part.ref}, .domid = part.domain, .offset = bounded(part.offset)};
}

[[nodiscard]] Side side(const void* ours) noexcept {
  return {.u = {.gmfn = gfn_of_object(ours).value()},
          .domid = abi::domain_self,
          .offset = bounded(offset_in_frame(ours))};
}

}  // namespace

Grant_copy::Grant_copy(const Side& source, const Side& dest, std::uint16_t flags, std::size_t length) noexcept
    : operation_{.source = source,
                 .dest = dest,
                 .len = bounded(length),
                 .flags = flags,
                 .status = Grant_status::general_error} {}

Grant_copy Grant_copy::from_peer(const Granted_part& from, std::span<std::byte> to) noexcept {
  return {side(from), side(to.data()), abi::grant_copy::source_gref, to.size()};
}

Grant_copy Grant_copy::to_peer(const Granted_part& to, std::span<const std::byte> from) noexcept {
  return {side(from.data()), side(to), abi::grant_copy::dest_gref, from.size()};
}

Result<> Grant_copy::run(const Hypercalls& xen, std::span<Grant_copy> batch) noexcept {
  for (std::size_t index = 0; index < batch.size(); ++index) {
    const abi::Gnttab_copy& operation = batch[index].operation_;
    const unsigned end = std::max(operation.source.offset, operation.dest.offset) + unsigned{operation.len};
    if (end > abi::page_size) {
      return Error::make(Error_kind::argument, "grants: copy %zu of %u bytes from %u to %u goes over a page's end",
                         index, static_cast<unsigned>(operation.len),
                         static_cast<unsigned>(operation.source.offset),
                         static_cast<unsigned>(operation.dest.offset));
    }
  }
  ENLIGHTEN_TRY(xen.grant_table(abi::Grant_table_op::copy, batch));
  for (const Grant_copy& copy : batch) {
    ENLIGHTEN_TRY(copy.outcome());
  }
  return {};
}

Result<> Grant_copy::outcome() const noexcept {
  if (operation_.status == Grant_status::okay) {
    return {};
  }
  const bool reads = operation_.flags == abi::grant_copy::source_gref;
  const Side& peer = reads ? operation_.source : operation_.dest;
  return Error::numbered(Error_kind::hypercall, static_cast<std::int64_t>(operation_.status),
                         "grants: Xen does not copy %s grant %u of domain %u (%d, %s)", reads ? "from" : "to",
                         static_cast<unsigned>(peer.u.ref.value()), static_cast<unsigned>(peer.domid.value()),
                         static_cast<int>(operation_.status), abi::grant_status_name(operation_.status));
}

}  // namespace enlighten::guest
