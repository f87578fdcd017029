// SPDX-License-Identifier: MIT
// Which number Xen knows each of our CPUs by: the rules, and the map that is complete before a hypercall names a
// vCPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <base/ids.hpp>
#include <base/result.hpp>

namespace enlighten::guest {

// Xen packs the affinity into its vCPU id as Aff0 | Aff1 << 4, with sixteen vCPUs to a cluster, so index, MPIDR and
// id part from vCPU 16 on ([xen] asm/domain.h, vaffinity_to_vcpuid). Xen would drop Aff2 and Aff3 and let an Aff0
// above 15 run into Aff1: such an affinity names some other vCPU there, and is an error here.
[[nodiscard]] Result<Vcpu_id> vcpu_id_from_mpidr(Mpidr mpidr) noexcept;

// The inverse; ids end at 4095, where Aff1 is full.
[[nodiscard]] Result<Mpidr> mpidr_from_vcpu_id(Vcpu_id id) noexcept;

// Where the vCPU id of a CPU comes from.
enum class Identity_source : std::uint8_t {
  // The CPU's affinity by Xen's rule: from the tree while the CPU is off, confirmed from its own register as it
  // starts.
  mpidr,
  // The position among the tree's CPUs: Xen describes its vCPUs in the order of their ids. Wrong as soon as
  // somebody
  // has removed or reordered nodes.
  device_tree,
  // The processor's ACPI UID, which Xen's toolstack sets to the vCPU id.
  acpi_madt,
  // Our own index. Wrong whenever the boot CPU is not vCPU 0, as after a hand-over to another CPU; the only choice
  // that
  // never fails on a machine without Xen, where the id means nothing.
  direct,
};

struct Vcpu_identity {
  Mpidr mpidr{0};
  Vcpu_id id{0};
};

// Every possible CPU by our index. Cpu{0} is the boot CPU whatever its vCPU id is; the others follow in the order
// in which the machine describes them. No two entries share an affinity or an id.
class Vcpu_map {
 public:
  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(entries_.size()); }

  // Whether `cpu` has an entry; the two functions below ask for one that has.
  [[nodiscard]] bool contains(Cpu cpu) const noexcept { return cpu.value() < entries_.size(); }
  [[nodiscard]] Vcpu_id id(Cpu cpu) const noexcept { return entries_[cpu.value()].id; }
  [[nodiscard]] Mpidr mpidr(Cpu cpu) const noexcept { return entries_[cpu.value()].mpidr; }

  [[nodiscard]] std::optional<Cpu> find(Mpidr mpidr) const noexcept;
  [[nodiscard]] std::optional<Cpu> find(Vcpu_id id) const noexcept;

  // To be called on a starting CPU with the affinity in its own register, before it makes a hypercall: an error
  // that says how the two differ unless the map has exactly this CPU in this place.
  [[nodiscard]] Result<> confirm(Cpu cpu, Mpidr own) const noexcept;

  [[nodiscard]] Identity_source source() const noexcept { return source_; }

 private:
  friend class Vcpu_map_builder;
  Vcpu_map(std::span<const Vcpu_identity> entries, Identity_source source) noexcept
      : entries_{entries}, source_{source} {}

  std::span<const Vcpu_identity> entries_;
  Identity_source source_;
};

// Takes the CPUs in the order in which the machine describes them. There is no way to a map but through finish(),
// so whoever has a map has all of it.
class Vcpu_map_builder {
 public:
  // `storage` holds the map's entries and must outlive it: its length is the number of CPUs there may be, the boot
  // CPU included. `boot` is the affinity in the register of the CPU this runs on.
  Vcpu_map_builder(std::span<Vcpu_identity> storage, Identity_source source, Mpidr boot) noexcept
      : storage_{storage}, boot_{boot}, source_{source} {}

  // The next CPU described; `acpi_uid` is asked for by the source acpi_madt only.
  [[nodiscard]] Result<> add(Mpidr mpidr, std::optional<std::uint32_t> acpi_uid = std::nullopt) noexcept;

  // An error when the boot CPU was not among those added.
  [[nodiscard]] Result<Vcpu_map> finish() const noexcept;

 private:
  [[nodiscard]] Result<Vcpu_id> identify(Cpu cpu, Mpidr mpidr,
                                         std::optional<std::uint32_t> acpi_uid) const noexcept;

  std::span<Vcpu_identity> storage_;
  Mpidr boot_;
  Identity_source source_;
  std::uint32_t described_ = 0;    // CPUs added so far, the boot CPU included: the next one's position
  std::uint32_t secondaries_ = 0;  // CPUs added so far, the boot CPU not included
  bool boot_seen_ = false;
};

}  // namespace enlighten::guest
