// SPDX-License-Identifier: MIT
// Walks shared_info, every vcpu_info, control blocks, event words, grant entries and pages.
#include "visible.hpp"

#include <conformance/grants.hpp>

namespace enlighten::conformance::differential {
namespace {

// show(what, which, word): the word number `which` of what is called `what`.
template <typename Show>
void walk_events(Scene& scene, Show& show) noexcept {
  if (abi::Shared_info* const shared = scene.shared_info(); shared != nullptr) {
    show("upcall_pending in shared_info", 0, get(shared->vcpu_info[0].evtchn_upcall_pending));
    show("pending_sel in shared_info", 0, get(shared->vcpu_info[0].evtchn_pending_sel));
    for (std::uint32_t word = 0; word != abi::two_level_words; ++word) {
      show("pending", word, get(shared->evtchn_pending[word]));
      show("mask", word, get(shared->evtchn_mask[word]));
    }
  }
  for (std::uint32_t vcpu = 0; vcpu != all_vcpus; ++vcpu) {
    show("upcall_pending of vCPU", vcpu, get(scene.vcpu_info(vcpu).evtchn_upcall_pending));
    show("pending_sel of vCPU", vcpu, get(scene.vcpu_info(vcpu).evtchn_pending_sel));
  }
  for (std::uint8_t page = 0; page != control_pages; ++page) {
    for (const std::uint32_t offset : offsets) {
      if (offset % 8 != 0 || offset + sizeof(abi::Evtchn_fifo_control_block) > abi::page_size) {
        continue;
      }
      abi::Evtchn_fifo_control_block& block = scene.control_block(page, offset);
      show("ready of the block in page", page * abi::page_size + offset, get(block.ready));
      for (std::uint32_t queue = 0; queue != abi::fifo_queues; ++queue) {
        show("head of the block in page", page * abi::page_size + offset + 8 + std::uint64_t{4} * queue,
             get(block.head[queue]));
      }
    }
  }
  for (std::uint8_t page = 0; page != array_pages; ++page) {
    for (std::uint32_t word = 0; word != abi::fifo_words_per_page; ++word) {
      show("event word", page * abi::fifo_words_per_page + word, get(scene.array_page(page)[word]));
    }
  }
}

template <typename Show>
void walk_memory(Scene& scene, Show& show) noexcept {
  if (abi::Grant_entry_v1* const entries = scene.grant_entries(); entries != nullptr) {
    for (std::uint32_t entry = 0; entry != 2 * abi::grant_reserved_entries; ++entry) {
      const bool used = entries[entry].frame != 0 || entries[entry].domid != Domain_id{0};
      show("flags of grant", entry, get(entries[entry].flags));
      show("domain of grant", entry, entries[entry].domid == scene.own() ? 1 : entries[entry].domid.value());
      show("place of grant", entry,
           used ? static_cast<std::uint64_t>(scene.place_of(abi::Gfn{entries[entry].frame}) + 3) : 0);
    }
  }
  for (std::uint8_t symbol = 0; symbol != places; ++symbol) {
    const Place& place = *scene.place(symbol);
    if (!place.can_be_loaded() || place.is_xens()) {
      continue;
    }
    auto* const page = static_cast<std::uint64_t*>(at(place.frame));
    for (std::uint32_t word = 0; word != abi::page_size / sizeof *page; ++word) {
      show("word at place", symbol * 512U + word, get(page[word]));
    }
  }
}

}  // namespace

std::uint32_t digest(Scene& scene) noexcept {
  std::uint64_t sum = 0xcbf2'9ce4'8422'2325;
  auto show = [&](const char* /*what*/, std::uint64_t which, std::uint64_t word) {
    if (word != 0) {
      sum = (sum ^ which) * 0x100'0000'01b3;
      sum = (sum ^ word) * 0x100'0000'01b3;
    } else {
      sum = (sum ^ 1) * 0x100'0000'01b3;
    }
  };
  walk_events(scene, show);
  walk_memory(scene, show);
  return static_cast<std::uint32_t>(sum ^ sum >> 32U);
}

void tell_memory(Scene& scene, std::uint32_t program, report::Line_sink& sink) noexcept {
  auto show = [&](const char* what, std::uint64_t which, std::uint64_t word) {
    if (word != 0) {
      report::Line line;
      line.text("m ").integer(program).text(" ").text(what).text(" ").integer(which).text(": ").hexadecimal(word);
      sink.line(line.view());
    }
  };
  walk_events(scene, show);
  walk_memory(scene, show);
}

}  // namespace enlighten::conformance::differential
