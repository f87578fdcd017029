// SPDX-License-Identifier: MIT
// Xen's rule between affinity and vCPU id, and the map that is built by it or by another source.
#include <guest/vcpu_identity.hpp>

#include <cinttypes>

namespace enlighten::guest {
namespace {

// [xen] asm/domain.h, vcpuid_to_vaffinity and its inverse.
constexpr std::uint32_t aff0_bits = 4;
constexpr std::uint32_t aff1_bits = 8;
constexpr std::uint32_t aff1_shift = 8;  // in an MPIDR
constexpr std::uint32_t aff0_end = 1U << aff0_bits;
constexpr std::uint32_t id_end = 1U << (aff0_bits + aff1_bits);

}  // namespace

Result<Vcpu_id> vcpu_id_from_mpidr(Mpidr mpidr) noexcept {
  const std::uint64_t affinity = mpidr.value();
  const std::uint64_t aff0 = affinity & 0xffU;
  if (affinity >> (aff1_shift + aff1_bits) != 0) {
    return Error::make(Error_kind::description,
                       "affinity 0x%" PRIx64 ": Xen knows two levels, expected Aff2 and Aff3 to be 0", affinity);
  }
  if (aff0 >= aff0_end) {
    return Error::make(Error_kind::description, "affinity 0x%" PRIx64 ": Aff0 is %" PRIu64 ", expected at most 15",
                       affinity, aff0);
  }
  return Vcpu_id{static_cast<std::uint32_t>(aff0 | affinity >> aff1_shift << aff0_bits)};
}

Result<Mpidr> mpidr_from_vcpu_id(Vcpu_id id) noexcept {
  if (id.value() >= id_end) {
    return Error::make(Error_kind::argument, "vCPU %" PRIu32 ": no affinity, expected at most 4095", id.value());
  }
  return Mpidr{(id.value() & (aff0_end - 1)) | id.value() >> aff0_bits << aff1_shift};
}

std::optional<Cpu> Vcpu_map::find(Mpidr mpidr) const noexcept {
  for (std::uint32_t index = 0; index < size(); ++index) {
    if (entries_[index].mpidr == mpidr) {
      return Cpu{index};
    }
  }
  return std::nullopt;
}

std::optional<Cpu> Vcpu_map::find(Vcpu_id id) const noexcept {
  for (std::uint32_t index = 0; index < size(); ++index) {
    if (entries_[index].id == id) {
      return Cpu{index};
    }
  }
  return std::nullopt;
}

Result<> Vcpu_map::confirm(Cpu cpu, Mpidr own) const noexcept {
  if (!contains(cpu)) {
    return Error::make(Error_kind::argument, "cpu %" PRIu32 ": the map ends before %" PRIu32, cpu.value(), size());
  }
  if (mpidr(cpu) != own) {
    return Error::make(Error_kind::description,
                       "cpu %" PRIu32 ": its own affinity is 0x%" PRIx64 ", but 0x%" PRIx64
                       " was described, for vCPU %" PRIu32,
                       cpu.value(), own.value(), mpidr(cpu).value(), id(cpu).value());
  }
  return {};
}

Result<Vcpu_id> Vcpu_map_builder::identify(Cpu cpu, Mpidr mpidr,
                                           std::optional<std::uint32_t> acpi_uid) const noexcept {
  switch (source_) {
    case Identity_source::mpidr:
      return vcpu_id_from_mpidr(mpidr);
    case Identity_source::device_tree:
      return Vcpu_id{described_};
    case Identity_source::acpi_madt:
      if (!acpi_uid) {
        return Error::make(Error_kind::argument, "affinity 0x%" PRIx64 ": no ACPI UID to take the vCPU id from",
                           mpidr.value());
      }
      return Vcpu_id{*acpi_uid};
    case Identity_source::direct:
      break;
  }
  return Vcpu_id{cpu.value()};
}

Result<> Vcpu_map_builder::add(Mpidr mpidr, std::optional<std::uint32_t> acpi_uid) noexcept {
  // Entry 0 is the boot CPU's, and is kept free until that comes.
  const bool is_boot = mpidr == boot_;
  const Cpu cpu{is_boot ? 0 : secondaries_ + 1};
  const Vcpu_identity added{mpidr, ENLIGHTEN_TRY(identify(cpu, mpidr, acpi_uid))};
  for (std::uint32_t index = boot_seen_ ? 0 : 1; index <= secondaries_; ++index) {
    const Vcpu_identity& other = storage_[index];
    if (other.mpidr == added.mpidr) {
      return Error::make(Error_kind::description, "affinity 0x%" PRIx64 " is described twice", mpidr.value());
    }
    if (other.id == added.id) {
      return Error::make(Error_kind::description,
                         "affinities 0x%" PRIx64 " and 0x%" PRIx64 " would both be vCPU %" PRIu32,
                         other.mpidr.value(), mpidr.value(), added.id.value());
    }
  }
  if (cpu.value() >= storage_.size()) {
    return Error::make(Error_kind::exhausted,
                       "affinity 0x%" PRIx64
                       ": one CPU too many, there is room for %zu with the boot CPU 0x%" PRIx64,
                       mpidr.value(), storage_.size(), boot_.value());
  }
  storage_[cpu.value()] = added;
  ++described_;
  if (is_boot) {
    boot_seen_ = true;
  } else {
    ++secondaries_;
  }
  return {};
}

Result<Vcpu_map> Vcpu_map_builder::finish() const noexcept {
  if (!boot_seen_) {
    return Error::make(Error_kind::description,
                       "the boot CPU's affinity 0x%" PRIx64 " is not among the %" PRIu32 " CPUs described",
                       boot_.value(), described_);
  }
  return Vcpu_map{storage_.first(described_), source_};
}

}  // namespace enlighten::guest
