// SPDX-License-Identifier: MIT
// Programs of calls and accesses whose operands are symbols, so that any part of a program is a program.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace enlighten::conformance::differential {

enum class Operation : std::uint8_t {
  // Event channels.
  bind_ipi,
  bind_virq,
  bind_pirq,
  alloc_unbound,
  bind_interdomain,
  close,
  send,
  unmask,
  status,
  bind_vcpu,
  set_priority,
  init_control,
  expand_array,
  reset,
  unknown_event_operation,
  // Words shared with Xen, by what a guest does with them.
  mask,
  clear_mask,
  clear_pending,
  consume,
  acknowledge,
  look,
  // Memory.
  add_to_physmap,
  add_two_to_physmap,
  remove_from_physmap,
  decrease_reservation,
  populate_physmap,
  current_reservation,
  exchange,
  other_memory_operation,
  store,
  load,
  // Grants.
  grant,
  end_grant,
  map_grant,
  unmap_grant,
  unmap_and_replace,
  copy_grant,
  setup_table,
  query_size,
  set_version,
  get_version,
  swap_grants,
  flush_cache,
  other_grant_operation,
  // The rest.
  register_vcpu_info,
  register_runstate,
  other_vcpu_operation,
  yield,
  poll,
  watchdog,
  other_sched_operation,
  get_parameter,
  set_parameter,
  xen_version,
  vm_assist,
  console,
  two_calls,
  affinity_info,
  cpu_on,
  psci_features,
  start_and_dismiss,
};
inline constexpr std::size_t operations = static_cast<std::size_t>(Operation::start_and_dismiss) + 1;

inline constexpr std::size_t most_operands = 5;

struct Step {
  std::uint8_t vcpu = 0;  // by whom; 0 to working_vcpus - 1
  Operation operation = Operation::yield;
  std::array<std::uint8_t, most_operands> operands{};
};

// What an operand is a symbol of: its values are 0 to one less than values_of() says.
enum class Kind : std::uint8_t {
  none,
  new_port,  // the slot that a binding call's port is kept in
  port,      // the port of a slot, or a number that is no slot's
  vcpu,
  domain,  // DOMID_SELF first, the domain's own number last
  owner,   // the same, where calls want a number
  virq,
  priority,
  control_page,
  offset,  // in a page, of a structure that Xen is given
  array_page,
  number,  // small, of an operation without a name, or of a parameter
  place,   // a frame: a hole, a page of RAM, where one of Xen's pages is, or none
  space,
  index,  // of one of Xen's pages
  word,   // in a page
  value,
  reference,
  grant_kind,
  new_handle,
  handle,
  mapping_kind,
  side,  // of a copy: a place, or a reference
  bytes,
  pointer,
};

struct Form {
  const char* name;
  std::array<Kind, most_operands> kinds;
};

[[nodiscard]] const Form& form_of(Operation operation) noexcept;
[[nodiscard]] std::uint8_t values_of(Kind kind) noexcept;

// Of the domain's vCPUs the first ones run steps, the others are off.
inline constexpr std::uint32_t working_vcpus = 4;
inline constexpr std::uint32_t all_vcpus = 6;

inline constexpr std::size_t most_steps = 256;

class Program {
 public:
  // False if there is no room.
  bool add(const Step& step) noexcept {
    if (count_ == most_steps) {
      return false;
    }
    steps_[count_++] = step;
    return true;
  }
  [[nodiscard]] std::span<const Step> steps() const noexcept { return {steps_.data(), count_}; }

 private:
  std::array<Step, most_steps> steps_{};
  std::size_t count_ = 0;
};

}  // namespace enlighten::conformance::differential
