// SPDX-License-Identifier: MIT
// Start-up and use of GIC version 3.
#include <arch/gic_v3.hpp>

#include <algorithm>

#include <arch/barriers.hpp>
#include <arch/gic_registers.hpp>

namespace enlighten::arch {
namespace {

// Reads of a register that settles within some bus accesses on any working machine. A count and not a time, because
// the controller is started before anything is known of the counter.
constexpr std::uint32_t patience = 1'000'000;

[[nodiscard]] Result<> wait_until_clear(std::uintptr_t address, std::uint32_t bits, const char* what) noexcept {
  for (std::uint32_t turn = 0; turn < patience; ++turn) {
    if ((mmio_read32(address) & bits) == 0) {
      return {};
    }
  }
  return Error::make(Error_kind::timed_out, "GIC at %#llx: %s", static_cast<unsigned long long>(address), what);
}

constexpr std::uint32_t redistributor_write_pending = 1U << 3;
constexpr std::uint32_t processor_sleep = 1U << 1;
constexpr std::uint32_t children_asleep = 1U << 2;
constexpr std::uint32_t type_last = 1U << 4;
constexpr std::uint32_t type_virtual_lpis = 1U << 1;
constexpr std::size_t frame_size = 0x1'0000;

}  // namespace

Result<> Gic_v3_distributor::start() const noexcept {
  constexpr auto routing = static_cast<std::uint32_t>(Control::affinity_routing);
  constexpr auto enable = static_cast<std::uint32_t>(Control::enable);
  // Affinity routing may change only while both groups are off, and they count as off only once that write has
  // propagated ([gic] 12.9.4): so it stays as an earlier owner had it in the first write.
  mmio_write32(address(Register::control), mmio_read32(address(Register::control)) & routing);
  ENLIGHTEN_TRY(wait_for_writes());
  mmio_write32(address(Register::control), routing);
  ENLIGHTEN_TRY(wait_for_writes());
  const std::uint32_t blocks = (interrupt_count() + 31) / 32;
  for (std::uint32_t block = 1; block < blocks; ++block) {
    bank().all_in_group_1(block);
    bank().reset(block);
  }
  ENLIGHTEN_TRY(wait_for_writes());
  mmio_write32(address(Register::control), routing | enable);
  return wait_for_writes();
}

std::uint32_t Gic_v3_distributor::interrupt_count() const noexcept {
  return std::min(1020U, 32 * ((mmio_read32(address(Register::type)) & 0x1f) + 1));
}

void Gic_v3_distributor::route(Interrupt shared, Mpidr target) const noexcept {
  // Two halves: a single 64-bit access is not to be had on every instruction set, and both vGIC and hardware take
  // halves. The interrupt is off meanwhile, so nothing is routed by half.
  const std::uintptr_t register_address = address(Register::route) + std::uintptr_t{shared.value()} * 8;
  mmio_write32(register_address, static_cast<std::uint32_t>(target.value() & 0xff'ffff));
  mmio_write32(register_address + 4, static_cast<std::uint32_t>(target.value() >> 32 & 0xff));
}

Result<> Gic_v3_distributor::wait_for_writes() const noexcept {
  return wait_until_clear(address(Register::control), static_cast<std::uint32_t>(Control::write_pending),
                          "the distributor does not finish a write");
}

Result<Gic_v3_redistributor> Gic_v3_redistributor::find(const Gic_description& description, Mpidr mpidr) noexcept {
  const std::uint64_t own = mpidr.value();
  const auto packed = static_cast<std::uint32_t>((own >> 32 & 0xff) << 24 | (own & 0xff'ffff));
  const std::uint32_t regions =
      std::min(description.redistributor_regions, std::uint32_t{Gic_description::most_redistributor_regions});
  for (std::uint32_t region = 0; region < regions; ++region) {
    const Register_range& range = description.redistributors[region];
    std::size_t offset = 0;
    // Past the one that says it is the last there may be nothing: an access there can be an abort.
    for (bool last = false; !last && range.size - offset >= 2 * frame_size && range.size >= offset;) {
      const Gic_v3_redistributor candidate{range.base + offset};
      const std::uint32_t type = mmio_read32(candidate.address(Register::type));
      if (mmio_read32(candidate.address(Register::type) + 4) == packed) {
        return candidate;
      }
      last = (type & type_last) != 0;
      const std::size_t frames = (type & type_virtual_lpis) != 0 ? 4 * frame_size : 2 * frame_size;
      offset += description.redistributor_stride != 0 ? description.redistributor_stride : frames;
    }
  }
  return Error::make(Error_kind::description,
                     "none of %u GIC redistributor regions has one for the CPU with affinity %#llx", regions,
                     static_cast<unsigned long long>(own));
}

Result<> Gic_v3_redistributor::start() const noexcept {
  // [gic] 11.1: software clears ProcessorSleep and waits for ChildrenAsleep to follow before it uses the interface.
  mmio_write32(address(Register::wake), mmio_read32(address(Register::wake)) & ~processor_sleep);
  ENLIGHTEN_TRY(wait_until_clear(address(Register::wake), children_asleep, "the redistributor does not wake"));
  bank().all_in_group_1(0);
  bank().reset(0);
  return wait_for_writes();
}

Result<> Gic_v3_redistributor::wait_for_writes() const noexcept {
  return wait_until_clear(address(Register::control), redistributor_write_pending,
                          "the redistributor does not finish a write");
}

Result<> Gic_v3_interface::start(Mpidr own) noexcept {
  using enum Gic_system_register;
  write_gic<system_registers>(1);
  if ((read_gic<system_registers>() & 1) == 0) {
    return Error::make(Error_kind::unsupported,
                       "the GIC's system registers are withheld from this exception level");
  }
  const std::uint64_t control_before = read_gic<control>();
  constexpr std::uint64_t range_selector = 1ULL << 18;  // RSS: SGIs reach Aff0 of 16 and above
  if ((own.value() & 0xff) >= 16 && (control_before & range_selector) == 0) {
    return Error::make(Error_kind::unsupported, "the GIC sends no SGI to affinity %#llx",
                       static_cast<unsigned long long>(own.value()));
  }
  write_gic<priority_mask>(0xf0);
  write_gic<binary_point>(0);
  // EOImode 0: one write ends and deactivates. The rest is read-only or right as zero.
  write_gic<control>(0);
  // A CPU that went off in the middle of an interrupt left its priority active, which would hold back all of that
  // priority: ours all have the same. How many registers there are depends on the bits of priority.
  const std::uint64_t priority_bits = (control_before >> 8 & 7) + 1;
  if (priority_bits >= 7) {
    write_gic<active_priorities_3>(0);
    write_gic<active_priorities_2>(0);
  }
  if (priority_bits >= 6) {
    write_gic<active_priorities_1>(0);
  }
  write_gic<active_priorities_0>(0);
  write_gic<group_enable>(1);
  return {};
}

std::uint32_t Gic_v3_interface::acknowledge() noexcept {
  return static_cast<std::uint32_t>(read_gic<Gic_system_register::acknowledge>());
}

void Gic_v3_interface::end(std::uint32_t acknowledged) noexcept {
  write_gic<Gic_system_register::end>(acknowledged);
}

std::uint32_t Gic_v3_interface::highest_pending() noexcept {
  return static_cast<std::uint32_t>(read_gic<Gic_system_register::highest_pending>());
}

void Gic_v3_interface::send(Interrupt software, Mpidr target) noexcept {
  // A system register write is not a memory access, so only a completed store is certain to be seen by the target.
  store_barrier();
  write_gic<Gic_system_register::software_interrupt>(software_interrupt(software, target));
}

}  // namespace enlighten::arch
