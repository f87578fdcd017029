// SPDX-License-Identifier: MIT
// Steps that change what is where in the domain's memory, or access it.
#include <cstring>

#include <conformance/grants.hpp>

#include "outcome.hpp"

namespace enlighten::conformance::differential {
namespace {

using abi::Map_space;
using abi::Memory_op;

// Xen forgets what it puts something over: RAM would be lost until the domain's end, and a mapping could no longer
// be undone.
[[nodiscard]] bool can_be_covered(const Place* place) noexcept {
  return place == nullptr || place->content == Content::nothing || place->is_xens();
}

// `place` is where Xen has just put what was asked for.
void note_added(Scene& scene, Map_space space, std::uint64_t index, std::uint8_t symbol) noexcept {
  Place* const place = scene.place(symbol);
  if (place == nullptr) {
    return;
  }
  if (space == Map_space::shared_info) {
    *place = {place->frame, Content::shared_info, 0};
  } else if (space == Map_space::grant_table) {
    *place = {place->frame, Content::grant_frame, index};
  }
}

void do_add(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  const auto& [domain, space, index, symbol, unused] = step.operands;
  if (!can_be_covered(scene.place(symbol)) || symbol == places) {
    return;
  }
  const auto which = static_cast<Map_space>(space);
  outcome.add(add_to_physmap(which, indices[index], scene.frame(symbol), scene.domain(domain)));
  if (outcome.values().front() == 0) {
    note_added(scene, which, indices[index], symbol);
  }
}

void do_add_two(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  const auto& [space, first_index, first, second_index, second] = step.operands;
  if (!can_be_covered(scene.place(first)) || !can_be_covered(scene.place(second)) || first == places ||
      second == places) {
    return;
  }
  std::uint64_t list[2] = {indices[first_index], indices[second_index]};
  abi::Gfn frames[2] = {scene.frame(first), scene.frame(second)};
  std::int32_t errors[2] = {1, 1};
  const abi::Xen_add_to_physmap_batch argument{.domid = abi::domain_self,
                                               .space = space,
                                               .size = 2,
                                               .idxs = abi::Guest_handle<std::uint64_t>{list},
                                               .gpfns = abi::Guest_handle<abi::Gfn>{frames},
                                               .errs = abi::Guest_handle<std::int32_t>{errors}};
  outcome.add(memory_op(Memory_op::add_to_physmap_batch, argument)).add(errors[0]).add(errors[1]);
  const auto which = static_cast<Map_space>(space);
  if (errors[0] == 0) {
    note_added(scene, which, list[0], first);
  }
  if (errors[1] == 0) {
    note_added(scene, which, list[1], second);
  }
}

void do_remove(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  Place* const place = scene.place(step.operands[1]);
  if (!can_be_covered(place)) {
    return;
  }
  outcome.add(remove_from_physmap(scene.frame(step.operands[1]), scene.domain(step.operands[0])));
  if (outcome.values().front() == 0 && place != nullptr) {
    place->content = Content::nothing;
  }
}

// What Xen's own pages and mappings are, is nobody's to give away.
void do_decrease(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  Place* const place = scene.place(step.operands[1]);
  if (place != nullptr && place->content != Content::ram && place->content != Content::nothing) {
    return;
  }
  abi::Gfn frame = scene.frame(step.operands[1]);
  outcome.add(memory_op(Memory_op::decrease_reservation,
                        abi::Xen_memory_reservation{.extent_start = abi::Guest_handle<abi::Gfn>{&frame},
                                                    .nr_extents = 1,
                                                    .domid = scene.domain(step.operands[0])}));
  if (outcome.values().front() == 1 && place != nullptr) {
    place->content = Content::nothing;
  }
}

// Not at a frame that cannot be: Xen allocates the page before it finds out, and keeps it until the domain's end.
void do_populate(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  Place* const place = scene.place(step.operands[1]);
  if (place == nullptr || place->content != Content::nothing) {
    return;
  }
  abi::Gfn frame = scene.frame(step.operands[1]);
  outcome.add(memory_op(Memory_op::populate_physmap,
                        abi::Xen_memory_reservation{.extent_start = abi::Guest_handle<abi::Gfn>{&frame},
                                                    .nr_extents = 1,
                                                    .domid = scene.domain(step.operands[0])}));
  if (outcome.values().front() == 1) {
    // What was last in it, whoever had it: Xen clears a page when a domain ends, not when one gives it back.
    std::memset(at(frame), 0, abi::page_size);
    place->content = Content::ram;
  }
}

// Of one page, or none, or of sizes that do not fit.
void do_exchange(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  const Place* const place = scene.place(step.operands[1]);
  if (place != nullptr && place->content != Content::ram && place->content != Content::nothing) {
    return;
  }
  const std::uint32_t shape = step.operands[2];
  abi::Gfn in = scene.frame(step.operands[1]);
  abi::Gfn out = in;
  const Domain_id domain = scene.domain(step.operands[0]);
  abi::Xen_memory_exchange argument{.in = {.extent_start = abi::Guest_handle<abi::Gfn>{&in},
                                           .nr_extents = shape % 2,
                                           .extent_order = shape / 2 % 2 * 10,
                                           .domid = domain},
                                    .out = {.extent_start = abi::Guest_handle<abi::Gfn>{&out},
                                            .nr_extents = shape % 2,
                                            .extent_order = shape / 4 % 2,
                                            .domid = shape / 8 % 2 == 0 ? domain : scene.own()},
                                    .nr_exchanged = shape / 16};
  outcome.add(memory_op(Memory_op::exchange, argument)).add(static_cast<std::int64_t>(argument.nr_exchanged));
}

// Those without effect, by the argument that would be right for them.
void do_other(const Step& step, Outcome& outcome) noexcept {
  constexpr std::array<std::uint32_t, 10> numbers{5, 8, 9, 10, 24, 26, 27, 29, 31, 63};
  std::uint64_t zeros[9] = {};
  outcome.add(arch::hypercall(abi::Hypercall::memory_op, numbers[step.operands[0] % numbers.size()],
                              step.operands[1] == 0 ? reinterpret_cast<std::uintptr_t>(zeros) : nowhere));
}

}  // namespace

void do_memory_step(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  switch (step.operation) {
    case Operation::add_to_physmap:
      return do_add(scene, step, outcome);
    case Operation::add_two_to_physmap:
      return do_add_two(scene, step, outcome);
    case Operation::remove_from_physmap:
      return do_remove(scene, step, outcome);
    case Operation::decrease_reservation:
      return do_decrease(scene, step, outcome);
    case Operation::populate_physmap:
      return do_populate(scene, step, outcome);
    case Operation::current_reservation: {
      const std::int64_t pages =
          memory_op(Memory_op::current_reservation, abi::Xen_memory_domain{scene.domain(step.operands[0])});
      outcome.add(pages < 0 ? pages : pages - scene.pages_at_start());
      return;
    }
    case Operation::exchange:
      return do_exchange(scene, step, outcome);
    case Operation::store:
      if (Place* const place = scene.place(step.operands[0]); place != nullptr && place->can_be_stored_to()) {
        put(static_cast<std::uint64_t*>(at(place->frame))[words[step.operands[1]]], step.operands[2]);
        outcome.add(0);
      }
      return;
    case Operation::load:
      // Of the grant table there is more than can be compared: frames.
      if (Place* const place = scene.place(step.operands[0]);
          place != nullptr && place->can_be_loaded() && !place->is_xens()) {
        outcome.add(
            static_cast<std::int64_t>(get(static_cast<std::uint64_t*>(at(place->frame))[words[step.operands[1]]])));
      }
      return;
    default:
      do_other(step, outcome);
  }
}

}  // namespace enlighten::conformance::differential
