// SPDX-License-Identifier: MIT
// Feeds the CPUs of a device tree or a MADT to the map of vCPU identities.
#include <guest/vcpu_discovery.hpp>

#include <cinttypes>

namespace enlighten::guest {

Result<Vcpu_map> discover_vcpus(const Device_tree& tree, Identity_source source, Mpidr boot,
                                std::span<Vcpu_identity> storage) noexcept {
  Vcpu_map_builder builder{storage, source, boot};
  Cpu_walk cpus = tree.cpus();
  while (const std::optional<Cpu_node> cpu = ENLIGHTEN_TRY(cpus.next())) {
    ENLIGHTEN_TRY(builder.add(cpu->mpidr));
  }
  return builder.finish();
}

Result<Vcpu_map> discover_vcpus(const Madt& madt, Identity_source source, Mpidr boot,
                                std::span<Vcpu_identity> storage) noexcept {
  if (source == Identity_source::device_tree) {
    return Error::make(Error_kind::argument, "a MADT has no order of a device tree");
  }
  Vcpu_map_builder builder{storage, source, boot};
  Madt_processor_walk processors = madt.processors();
  while (const std::optional<Madt_processor> processor = ENLIGHTEN_TRY(processors.next())) {
    if (processor->state == Processor_state::disabled) {
      continue;
    }
    if (!processor->mpidr) {
      return Error::make(Error_kind::unsupported,
                         "ACPI MADT: processor %" PRIu32 " has no affinity, as before ACPI 5.1", processor->uid);
    }
    ENLIGHTEN_TRY(builder.add(*processor->mpidr, processor->uid));
  }
  return builder.finish();
}

}  // namespace enlighten::guest
