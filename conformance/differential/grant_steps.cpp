// SPDX-License-Identifier: MIT
// Steps that grant pages of the domain to itself, and use what is granted.
#include <utility>

#include <conformance/grants.hpp>

#include "outcome.hpp"

namespace enlighten::conformance::differential {
namespace {

using abi::Grant_table_op;

// Where a copy goes to in its page: no copy that ends within the page overlaps what it is from.
constexpr std::uint16_t offset_of_dest = 3900;
// No machine has memory at this address.
constexpr std::uint64_t nobodys_page = std::uint64_t{1} << 47U;

// Which a guest does not change: somebody has mapped what it grants.
[[nodiscard]] bool in_use(abi::Grant_entry_v1& entry) noexcept {
  return (get(entry.flags) & (abi::grant_flags::reading | abi::grant_flags::writing)) != 0;
}

void do_grant(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  const auto& [reference, domain, symbol, kind, unused] = step.operands;
  abi::Grant_entry_v1* const entry = scene.grant_entry(reference);
  if (entry == nullptr || in_use(*entry)) {
    return;
  }
  entry->domid = scene.domain(domain);
  entry->frame = static_cast<std::uint32_t>(scene.frame(symbol).value());
  put(entry->flags, grant_kinds[kind]);
  scene.note_granted(reference, symbol);
  outcome.add(0);
}

void do_end(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  abi::Grant_entry_v1* const entry = scene.grant_entry(step.operands[0]);
  if (entry == nullptr) {
    return;
  }
  const bool ended = !in_use(*entry);
  if (ended) {
    put(entry->flags, abi::grant_flags::invalid);
  }
  outcome.add(ended ? 1 : 0);
}

void do_map(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  const auto& [slot, domain, reference, kind, symbol] = step.operands;
  Place* const place = scene.place(symbol);
  // A slot is used once until it is empty, or nobody could undo what it held.
  if (scene.mapped(slot).place || scene.leads_to_grants(reference) || symbol == places ||
      (place != nullptr && place->content != Content::nothing)) {
    return;
  }
  const std::uint32_t flags = mapping_kinds[kind];
  const Mapping mapping = conformance::map_grant(scene.domain(domain), Scene::reference(reference),
                                                 abi::address_of(scene.frame(symbol)), flags);
  outcome.add(mapping.result).add(number(mapping.status));
  if (mapping.result == 0 && mapping.status == abi::Grant_status::okay && place != nullptr) {
    scene.keep(slot, Mapped{.handle = mapping.handle, .place = symbol});
    place->content = (flags & abi::grant_map::readonly) != 0 ? Content::mapping_for_reading : Content::mapping;
  }
}

// Where it was mapped, as whoever maps must.
void do_unmap(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  Mapped& mapped = scene.mapped(step.operands[0]);
  Place& place = *scene.place(mapped.place.value_or(0));
  const std::int64_t result = conformance::unmap_grant(abi::address_of(place.frame), mapped.handle);
  outcome.add(result);
  if (result == 0 && mapped.place) {
    place.content = Content::nothing;
    mapped = {};
  }
}

// By another mapping, which Arm has no way to do, or by nothing.
void do_unmap_and_replace(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  Mapped& mapped = scene.mapped(step.operands[0]);
  if (!mapped.place) {
    return;
  }
  Place& place = *scene.place(*mapped.place);
  abi::Gnttab_unmap_and_replace argument{.host_addr = abi::address_of(place.frame),
                                         .new_addr = step.operands[1] == 0 ? 0 : abi::address_of(scene.frame(0)),
                                         .handle = mapped.handle};
  outcome.add(grant_table_op(Grant_table_op::unmap_and_replace, argument)).add(number(argument.status));
  if (outcome.values()[0] == 0 && argument.status == abi::Grant_status::okay) {
    place.content = Content::nothing;
    mapped = {};
  }
}

[[nodiscard]] abi::Gnttab_copy::Side side_of(Scene& scene, std::uint8_t symbol, std::uint16_t offset,
                                             Domain_id domain) noexcept {
  const bool by_reference = symbol >= places;
  abi::Gnttab_copy::Side side{.u = {}, .domid = by_reference ? domain : abi::domain_self, .offset = offset};
  if (by_reference) {
    side.u.ref = Scene::reference(symbol % (references + 2));
  } else {
    side.u.gmfn = scene.frame(symbol).value();
  }
  return side;
}

void do_copy(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  const auto& [source, dest, offset, length, domain] = step.operands;
  for (const std::uint8_t symbol : {source, dest}) {
    if (symbol >= places ? scene.leads_to_grants(symbol % (references + 2))
                         : scene.place(symbol)->content == Content::grant_frame) {
      return;
    }
  }
  abi::Gnttab_copy argument{.source = side_of(scene, source, lengths[offset], scene.domain(domain)),
                            .dest = side_of(scene, dest, offset_of_dest, scene.domain(domain)),
                            .len = lengths[length],
                            .flags = 0};
  argument.flags = static_cast<std::uint16_t>((source >= places ? abi::grant_copy::source_gref : 0) |
                                              (dest >= places ? abi::grant_copy::dest_gref : 0));
  outcome.add(grant_table_op(Grant_table_op::copy, argument)).add(number(argument.status));
}

void do_setup_table(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  constexpr std::array<std::uint32_t, 4> counts{0, 1, 4, 65};
  abi::Gfn frames[4] = {abi::Gfn{0}, abi::Gfn{0}, abi::Gfn{0}, abi::Gfn{0}};
  abi::Gnttab_setup_table argument{.dom = scene.domain(step.operands[0]),
                                   .nr_frames = counts[step.operands[1] % counts.size()],
                                   .frame_list = abi::Guest_handle<abi::Gfn>{frames}};
  outcome.add(grant_table_op(Grant_table_op::setup_table, argument)).add(number(argument.status));
  if (argument.nr_frames <= std::size(frames)) {
    for (std::uint32_t frame = 0; frame != argument.nr_frames; ++frame) {
      outcome.add(scene.place_of(frames[frame]));
    }
  }
}

// What is neither for Arm nor for this version, with a handle that nothing has where one is expected.
void do_other(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  constexpr std::array<std::uint32_t, 6> numbers{3, 4, 7, 9, 13, 99};
  // Of get_status_frames these are how many, and of which domain.
  const std::uint64_t frames = step.operands[0] / 8;
  std::uint64_t zeros[8] = {frames | std::uint64_t{scene.domain(step.operands[2]).value()} << 32U, 0,
                            no_handle.value()};
  outcome.add(arch::hypercall(abi::Hypercall::grant_table_op, numbers[step.operands[0] % numbers.size()],
                              reinterpret_cast<std::uintptr_t>(zeros), step.operands[1]));
  // Their status, the upper half of where the domain was, or of where the handle was.
  outcome.add(static_cast<std::int16_t>(zeros[0] >> 48U)).add(static_cast<std::int16_t>(zeros[2] >> 32U));
}

}  // namespace

void do_grant_step(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  const auto& operands = step.operands;
  switch (step.operation) {
    case Operation::grant:
      return do_grant(scene, step, outcome);
    case Operation::end_grant:
      return do_end(scene, step, outcome);
    case Operation::map_grant:
      return do_map(scene, step, outcome);
    case Operation::unmap_grant:
      return do_unmap(scene, step, outcome);
    case Operation::unmap_and_replace:
      return do_unmap_and_replace(scene, step, outcome);
    case Operation::copy_grant:
      return do_copy(scene, step, outcome);
    case Operation::setup_table:
      return do_setup_table(scene, step, outcome);
    case Operation::query_size: {
      abi::Gnttab_query_size argument{.dom = scene.domain(operands[0])};
      outcome.add(grant_table_op(Grant_table_op::query_size, argument)).add(number(argument.status));
      outcome.add(argument.nr_frames).add(argument.max_nr_frames);
      return;
    }
    case Operation::set_version: {
      abi::Gnttab_set_version argument{operands[0] % 4U};
      outcome.add(grant_table_op(Grant_table_op::set_version, argument)).add(argument.version);
      return;
    }
    case Operation::get_version: {
      abi::Gnttab_get_version argument{.dom = scene.domain(operands[0])};
      outcome.add(grant_table_op(Grant_table_op::get_version, argument)).add(argument.version);
      return;
    }
    case Operation::swap_grants: {
      abi::Gnttab_swap_grant_ref argument{Scene::reference(operands[0]), Scene::reference(operands[1])};
      outcome.add(grant_table_op(Grant_table_op::swap_grant_ref, argument)).add(number(argument.status));
      if (outcome.values()[0] == 0 && argument.status == abi::Grant_status::okay) {
        scene.swap_granted(operands[0], operands[1]);
      }
      return;
    }
    case Operation::flush_cache: {
      abi::Gnttab_cache_flush argument{.a = {nobodys_page},
                                       .offset = lengths[operands[1]],
                                       .length = lengths[operands[2]],
                                       .op = operands[0] % 5U};
      outcome.add(grant_table_op(Grant_table_op::cache_flush, argument));
      return;
    }
    default:
      do_other(scene, step, outcome);
  }
}

}  // namespace enlighten::conformance::differential
