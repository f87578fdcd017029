// SPDX-License-Identifier: MIT
// The translation tables that a guest has built, read as the hardware would: how it maps its memory.
#pragma once

#include <cstdint>
#include <functional>

#include <arch/translation_control.hpp>
#include <model/domain.hpp>

namespace enlighten::model_machine {

// A page or a block that a table maps.
struct Stage_1_leaf {
  std::uint64_t output;
  std::uint64_t size;
  model::Memory_kind kind;
  bool writable;
};

// Calls `visit` for each leaf of tables of 4 KiB granules. The tables lie at their own addresses, as all memory of
// a modelled domain does.
void walk_stage_1(const arch::Translation& translation, const std::function<void(const Stage_1_leaf&)>& visit);

}  // namespace enlighten::model_machine
