// SPDX-License-Identifier: MIT
// Which console a domain of Xen's writes to, found out before anything is written.
#include "console_choice.hpp"

#include <arch/start.hpp>
#include <guest/pv_console.hpp>
#include <runtime/console.hpp>
#include <runtime/memory.hpp>
#include <runtime/services.hpp>

namespace enlighten::runtime {
namespace {

// Of the console that a toolstack made; 0 without.
constinit std::uint64_t ring_page = 0;

}  // namespace

// Asked with nothing to write, so that no line is lost: a release build of Xen leaves its console to the domains
// that it made itself, and a toolstack gives those it makes a ring.
void choose_console() noexcept {
  const guest::Hypercalls& xen = the_services().xen;
  if (xen.console_write("")) {
    console().use(xen);
    return;
  }
  const guest::Pv_console::Place place = guest::Pv_console::find(xen);
  ring_page = abi::address_of(place.frame);
  if (ring_page != 0 &&
      arch::Early_tables::map(arch::identity(ring_page, Memory::page_size, arch::Memory_kind::data))) {
    console().use(xen, place);
  }
}

Result<> keep_console() noexcept {
  return ring_page == 0 ? Result<>{} : memory().map_frame(ring_page, arch::Memory_kind::data);
}

}  // namespace enlighten::runtime
