// SPDX-License-Identifier: MIT
// The memory of a vchan: the server grants it, the client maps what it is told of there.
#pragma once

#include <abi/vchan.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>
#include <drivers/vchan_end.hpp>
#include <drivers/vchan_layout.hpp>
#include <guest/grant_maps.hpp>
#include <guest/grant_table.hpp>
#include <guest/granted.hpp>
#include <guest/mapped.hpp>

namespace enlighten::drivers {

// Pages of ours, from here on the client's too. They go back to the table with this object, or stay with it until
// the client has let go of them.
class Vchan_granted {
 public:
  // Everything is in place for a client when this returns, and nobody has announced anything.
  [[nodiscard]] static Result<Vchan_granted> make(guest::Grant_table& table, Domain_id client,
                                                  Vchan_orders orders) noexcept;

  // What the client is to be told.
  [[nodiscard]] Grant_ref ref() const noexcept { return page_.ref(); }
  // Refers to the pages, wherever this object goes.
  [[nodiscard]] Vchan_end<> end() const noexcept;

 private:
  Vchan_granted(guest::Granted_page page, Vchan_orders orders) noexcept : page_{std::move(page)}, orders_{orders} {}

  guest::Granted_page page_;
  guest::Granted_range left_;
  guest::Granted_range right_;
  Vchan_orders orders_;
};

// Pages of the server's in our memory.
class Vchan_mapped {
 public:
  // An error for orders that cannot be, and for a grant of which Xen says that it is none.
  [[nodiscard]] static Result<Vchan_mapped> make(guest::Grant_maps& maps, Domain_id server, Grant_ref ref) noexcept;

  [[nodiscard]] Vchan_end<> end() const noexcept;

 private:
  Vchan_mapped(guest::Mapped_page page, Vchan_orders orders) noexcept : page_{std::move(page)}, orders_{orders} {}

  guest::Mapped_page page_;
  guest::Mapped_range left_;
  guest::Mapped_range right_;
  Vchan_orders orders_;  // copied once, and checked
};

}  // namespace enlighten::drivers
