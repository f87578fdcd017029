// SPDX-License-Identifier: MIT
// How the guest maps its memory, from its own tables, for the domain to hold against what it shares.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <model_machine/model_vcpu.hpp>

#include "stage_1.hpp"

namespace enlighten::model_machine {

void Model_vcpu::use_translation(const arch::Translation& translation) {
  translation_ = translation;
  translations_changed();
}

void Model_vcpu::translations_changed() {
  if (!translation_) {
    return;
  }
  std::map<abi::Gfn, model::Memory_kind> others;
  const std::vector<abi::Gfn> read_only = domain_.frames_granted_read_only();
  walk_stage_1(*translation_, [&](const Stage_1_leaf& leaf) {
    const abi::Gfn first = abi::gfn_of(leaf.output);
    const abi::Gfn end = abi::gfn_of(leaf.output + leaf.size);
    for (const abi::Gfn frame : read_only) {
      if (leaf.writable && frame >= first && frame < end) {
        domain_.blame_guest(
            "frame " + std::to_string(frame.value()) +
            " holds a grant that Xen maps read-only, and the guest's own tables let it be written to: "
            "a store would never end");
      }
    }
    if (leaf.kind == model::Memory_kind::write_back || !domain_.covers(first)) {
      return;
    }
    for (std::uint64_t offset = 0; offset < leaf.size; offset += abi::page_size) {
      others.emplace(abi::gfn_of(leaf.output + offset), leaf.kind);
    }
  });
  domain_.set_memory_kinds(std::move(others));
}

}  // namespace enlighten::model_machine
