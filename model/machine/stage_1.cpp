// SPDX-License-Identifier: MIT
// A walk over translation tables, written from the architecture's manual ([arm] D8.2, D8.3, D8.6).
#include "stage_1.hpp"

namespace enlighten::model_machine {
namespace {

constexpr unsigned entries = 512;
constexpr unsigned last_level = 3;
constexpr std::uint64_t output_mask = 0x0000'ffff'ffff'f000;  // 47:12 of a descriptor

// Whether Xen finds through its own mapping what was stored through this one: Normal, inner and outer write-back,
// inner shareable.
model::Memory_kind kind_of(std::uint64_t descriptor, std::uint64_t attributes) {
  constexpr std::uint64_t write_back = 0xff;
  constexpr std::uint64_t inner_shareable = 3;
  const std::uint64_t attribute = attributes >> 8U * (descriptor >> 2U & 7U) & 0xffU;  // AttrIndx 4:2
  if ((attribute & 0xf0U) == 0) {
    return model::Memory_kind::device;
  }
  return attribute == write_back && (descriptor >> 8U & 3U) == inner_shareable ? model::Memory_kind::write_back
                                                                               : model::Memory_kind::uncached;
}

using Visit = std::function<void(const Stage_1_leaf&)>;

constexpr std::uint64_t no_write = 1U << 7U;  // AP[2]

void walk(std::uint64_t table, unsigned level, unsigned count, std::uint64_t attributes, const Visit& visit) {
  for (unsigned index = 0; index < count; ++index) {
    const std::uint64_t descriptor = reinterpret_cast<const std::uint64_t*>(table)[index];
    const bool is_valid = (descriptor & 1U) != 0;
    const bool leads_on = (descriptor & 2U) != 0 && level != last_level;
    if (is_valid && leads_on) {
      walk(descriptor & output_mask, level + 1, entries, attributes, visit);
    } else if (is_valid) {
      const std::uint64_t size = std::uint64_t{1} << (12U + 9U * (last_level - level));
      visit({descriptor & output_mask & ~(size - 1), size, kind_of(descriptor, attributes),
             (descriptor & no_write) == 0});
    }
  }
}

}  // namespace

void walk_stage_1(const arch::Translation& translation, const Visit& visit) {
  const auto input_bits = static_cast<unsigned>(64 - (translation.control & 0x3fU));  // T0SZ
  const unsigned level = last_level - (input_bits - 13) / 9;
  const unsigned top_bits = input_bits - (12U + 9U * (last_level - level));
  walk(translation.table & output_mask, level, 1U << top_bits, translation.memory_attributes, visit);
}

}  // namespace enlighten::model_machine
