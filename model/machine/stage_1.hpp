// SPDX-License-Identifier: MIT
// The translation tables that a guest has built, read as the hardware would: how it maps its memory.
#pragma once

#include <cstdint>
#include <functional>

#include <arch/translation_control.hpp>
#include <model/domain.hpp>

namespace enlighten::model_machine {

// Calls `visit` for each page or block that a table of 4 KiB granules maps, with the output address, its size, and
// what kind of memory it is. The tables lie at their own addresses, as all memory of a modelled domain does.
void walk_stage_1(const arch::Translation& translation,
                  const std::function<void(std::uint64_t output, std::uint64_t size, model::Memory_kind)>& visit);

}  // namespace enlighten::model_machine
