// SPDX-License-Identifier: MIT
// The FIFO array's growth to its end.
//
// Promised: EVTCHNOP_expand_array takes one page of event words after the other, 128 of them, for 131,072 ports;
// then ENOSPC; what is no memory is refused and takes no place; pages are used as they are. Done: since a domain
// has 1,023 ports, which is one page, the others are given to Xen by hand, all of them, and events go on meanwhile.
// Would go wrong: an array that Xen and the guest count differently. At 2-level there is no array, and Xen says so.
#include <algorithm>

#include <report/record.hpp>
#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/program.hpp>

#include "../support/case.hpp"
#include "../support/counter.hpp"

using namespace enlighten;
using runtime::Guest;
using test::Case;
using test::Counter;

namespace {

[[nodiscard]] Result<> expand(Guest& guest, abi::Gfn frame) {
  abi::Evtchn_expand_array argument{.array_gfn = frame};
  return guest.xen().event_channel(guest::Call::event_expand_array, abi::Event_channel_op::expand_array, argument);
}

// A page of words of ports that nobody has.
[[nodiscard]] abi::Gfn masked_page(Guest& guest) {
  void* const page = guest.page();
  if (page == nullptr) {
    return abi::no_frame;
  }
  std::fill_n(static_cast<abi::Event_word*>(page), abi::fifo_words_per_page, abi::event_word::masked);
  return guest::gfn_of_object(page);
}

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  if (const Result<> started = guest.start_all(); !started) {
    runtime::log(started.error());
    co_return report::exit_code(report::Verdict::error);
  }
  report::Ktap ktap{runtime::console()};
  const bool fifo = guest.events().abi() == guest::Event_abi::fifo;
  Counter counter;
  const auto ready = guest.ready(Cpu{guest.cpus() - 1});
  if (!ready) {
    runtime::log(ready.error());
    co_return report::exit_code(report::Verdict::error);
  }
  // With FIFO this gives Xen the first page.
  const auto port = guest.events().bind_ipi(*ready, &counter);
  {
    Case result{ktap, "the first page is there with the first port"};
    result.works(port, "bind_ipi");
    result.equal(guest.calls(guest::Call::event_expand_array), fifo ? 1 : 0, "expand_array so far");
  }
  if (!fifo) {
    Case result{ktap, "2-level has no array"};
    result.refused(expand(guest, masked_page(guest)), abi::Errno::eopnotsupp, "expand_array");
  } else if (port) {
    {
      Case result{ktap, "what is no memory is refused and takes no place"};
      result.refused(expand(guest, abi::Gfn{0}), abi::Errno::einval, "a frame that is not there");
      result.refused(expand(guest, abi::no_frame), abi::Errno::einval, "no frame at all");
    }
    std::uint32_t pages = 1;
    {
      Case result{ktap, "127 more pages are taken, and events go on"};
      for (std::uint32_t events = 0; pages < abi::fifo_max_pages; ++pages) {
        if (!result.works(expand(guest, masked_page(guest)), "expand_array")) {
          break;
        }
        if (pages < 4 || pages % 32 == 0) {
          result.works(port->send(), "send");
          const std::uint32_t count = co_await test::settle(counter, ++events);
          result.equal(count, events, "events");
        }
      }
      result.equal(pages, abi::fifo_max_pages, "pages");
    }
    {
      Case result{ktap, "there is no 129th"};
      result.refused(expand(guest, masked_page(guest)), abi::Errno::enospc, "expand_array");
      const std::uint32_t before = counter.events();
      result.works(port->send(), "send");
      const std::uint32_t count = co_await test::settle(counter, before + 1);
      result.equal(count, before + 1, "events");
    }
    report::Count_lines{runtime::console()}.add("array_pages", pages);
  }
  co_return report::exit_code(ktap.finish());
}
