// SPDX-License-Identifier: MIT
// The form of each operation: its name, and what its operands are symbols of.
#include <conformance/differential/step.hpp>

#include "operands.hpp"

namespace enlighten::conformance::differential {
namespace {

// In the order of Operation.
constexpr std::array<Form, operations> forms{{
    {"bind_ipi", {Kind::new_port, Kind::vcpu}},
    {"bind_virq", {Kind::new_port, Kind::virq, Kind::vcpu}},
    {"bind_pirq", {Kind::number}},
    {"alloc_unbound", {Kind::new_port, Kind::domain, Kind::domain}},
    {"bind_interdomain", {Kind::new_port, Kind::domain, Kind::port}},
    {"close", {Kind::port}},
    {"send", {Kind::port}},
    {"unmask", {Kind::port}},
    {"status", {Kind::domain, Kind::port}},
    {"bind_vcpu", {Kind::port, Kind::vcpu}},
    {"set_priority", {Kind::port, Kind::priority}},
    {"init_control", {Kind::vcpu, Kind::control_page, Kind::offset}},
    {"expand_array", {Kind::array_page}},
    {"reset", {Kind::domain}},
    {"unknown_event_operation", {Kind::number}},
    {"mask", {Kind::port}},
    {"clear_mask", {Kind::port}},
    {"clear_pending", {Kind::port}},
    {"consume", {}},
    {"acknowledge", {}},
    {"look", {Kind::port}},
    {"add_to_physmap", {Kind::domain, Kind::space, Kind::index, Kind::place}},
    {"add_two_to_physmap", {Kind::space, Kind::index, Kind::place, Kind::index, Kind::place}},
    {"remove_from_physmap", {Kind::domain, Kind::place}},
    {"decrease_reservation", {Kind::domain, Kind::place}},
    {"populate_physmap", {Kind::domain, Kind::place}},
    {"current_reservation", {Kind::domain}},
    {"exchange", {Kind::domain, Kind::place, Kind::number}},
    {"other_memory_operation", {Kind::number, Kind::pointer}},
    {"store", {Kind::place, Kind::word, Kind::value}},
    {"load", {Kind::place, Kind::word}},
    {"grant", {Kind::reference, Kind::owner, Kind::place, Kind::grant_kind}},
    {"end_grant", {Kind::reference}},
    {"map_grant", {Kind::new_handle, Kind::owner, Kind::reference, Kind::mapping_kind, Kind::place}},
    {"unmap_grant", {Kind::handle}},
    {"unmap_and_replace", {Kind::handle, Kind::pointer}},
    {"copy_grant", {Kind::side, Kind::side, Kind::bytes, Kind::bytes, Kind::owner}},
    {"setup_table", {Kind::domain, Kind::number}},
    {"query_size", {Kind::domain}},
    {"set_version", {Kind::number}},
    {"get_version", {Kind::domain}},
    {"swap_grants", {Kind::reference, Kind::reference}},
    {"flush_cache", {Kind::number, Kind::bytes, Kind::bytes}},
    {"other_grant_operation", {Kind::number, Kind::pointer, Kind::domain}},
    {"register_vcpu_info", {Kind::vcpu, Kind::place, Kind::offset}},
    {"register_runstate", {Kind::vcpu, Kind::pointer}},
    {"other_vcpu_operation", {Kind::number, Kind::vcpu}},
    {"yield", {}},
    {"poll", {Kind::port, Kind::port, Kind::number}},
    {"watchdog", {Kind::number, Kind::number}},
    {"other_sched_operation", {Kind::number, Kind::domain}},
    {"get_parameter", {Kind::domain, Kind::number}},
    {"set_parameter", {Kind::domain, Kind::number}},
    {"xen_version", {Kind::number, Kind::pointer}},
    {"vm_assist", {Kind::number, Kind::number}},
    {"console", {Kind::number}},
    {"two_calls", {Kind::port, Kind::number}},
    {"affinity_info", {Kind::vcpu, Kind::number}},
    {"cpu_on", {Kind::vcpu, Kind::pointer}},
    {"psci_features", {Kind::number}},
    {"start_and_dismiss", {Kind::vcpu, Kind::value}},
}};

}  // namespace

const Form& form_of(Operation operation) noexcept {
  return forms[static_cast<std::size_t>(operation)];
}

std::uint8_t values_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::none:
      return 1;
    case Kind::new_port:
      return port_slots;
    case Kind::port:
      return port_slots + other_ports.size();
    case Kind::vcpu:
      return all_vcpus + 1;
    case Kind::domain:
    case Kind::owner:
      return 1 + other_domains.size();
    case Kind::virq:
      return virqs.size();
    case Kind::priority:
      return abi::fifo_queues + 1;
    case Kind::control_page:
      return control_pages + 2;
    case Kind::offset:
      return offsets.size();
    case Kind::array_page:
      return array_pages + 2;
    case Kind::number:
      return 32;
    case Kind::place:
      return places + 3;
    case Kind::space:
      return 7;
    case Kind::index:
      return indices.size();
    case Kind::word:
      return words.size();
    case Kind::value:
      return 200;
    case Kind::reference:
      return references + 2;
    case Kind::grant_kind:
      return grant_kinds.size();
    case Kind::new_handle:
    case Kind::handle:
      return handles;
    case Kind::mapping_kind:
      return mapping_kinds.size();
    case Kind::side:
      return 2 * places;
    case Kind::bytes:
      return lengths.size();
    case Kind::pointer:
      return 2;
  }
  return 1;
}

}  // namespace enlighten::conformance::differential
