// SPDX-License-Identifier: MIT
// How the guest maps its memory, from its own tables, for the domain to hold against what it shares.
#include <map>

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
  walk_stage_1(*translation_, [&](std::uint64_t output, std::uint64_t size, model::Memory_kind kind) {
    if (kind == model::Memory_kind::write_back || !domain_.covers(abi::gfn_of(output))) {
      return;
    }
    for (std::uint64_t offset = 0; offset < size; offset += abi::page_size) {
      others.emplace(abi::gfn_of(output + offset), kind);
    }
  });
  domain_.set_memory_kinds(std::move(others));
}

}  // namespace enlighten::model_machine
