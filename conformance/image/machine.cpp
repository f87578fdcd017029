// SPDX-License-Identifier: MIT
// Pages from the runtime's memory, holes from an extended region, and the sleepers' beds.
#include "machine.hpp"

#include <chrono>

#include <abi/psci.hpp>
#include <arch/cache.hpp>
#include <arch/gic_bank.hpp>
#include <arch/gic_v2.hpp>
#include <arch/gic_v3.hpp>
#include <arch/processor.hpp>
#include <conformance/calls.hpp>
#include <conformance/expected.hpp>
#include <runtime/clock.hpp>
#include <runtime/memory.hpp>
#include <runtime/panic.hpp>

namespace enlighten::conformance {
namespace {

struct Register_value {
  std::uint64_t address;
  std::uint64_t value;
};

// One a vCPU, by Aff0. The sleeper's caches are off: what it writes and what it reads are lines of their own, so
// that neither side cleans over what the other has stored.
struct alignas(256) Bed {
  alignas(128) std::uint64_t awake;
  std::uint64_t context;
  std::uint64_t done;
  std::uint64_t exceptions;
  std::uint64_t interrupts;
  std::uint64_t syndrome;
  alignas(128) std::uint64_t dismissed;
  void (*task)();
  std::uint64_t argument;
  Register_value registers[6];  // up to one at address 0
};
static_assert(sizeof(Bed) == 256);

constexpr std::uint32_t beds = 16;
// Of a GICv3 redistributor's two frames the one with the registers of private interrupts ([gic] 12.10).
constexpr std::uintptr_t sgi_frame = 0x1'0000;

extern "C" {
[[gnu::visibility("hidden")]] void enlighten_sleeper();
[[gnu::visibility("hidden")]] void enlighten_sleeper_stores();
[[gnu::visibility("hidden")]] void enlighten_sleeper_calls();
[[gnu::visibility("hidden")]] void enlighten_sleeper_takes();
[[gnu::visibility("hidden")]] constinit Bed enlighten_beds[beds] = {};
}

// The host may be busy with other machines.
constexpr auto patience = std::chrono::seconds{10};
// For what is expected not to happen, and takes nanoseconds if it does.
constexpr auto short_patience = std::chrono::milliseconds{50};
// More than can be pending at once: an interrupt that comes again and again.
constexpr std::uint32_t storm = 16;
// Xen calls a vCPU off before it has taken it off its processor; turned on meanwhile, it starts with registers of
// its previous life.
constexpr auto time_to_leave = std::chrono::milliseconds{20};

void wait(std::chrono::nanoseconds duration) noexcept {
  const runtime::Instant begun = runtime::Clock::now();
  while (runtime::Clock::now() - begun < duration) {
    arch::relax();
  }
}

[[nodiscard]] bool is_off(Vcpu_id vcpu) noexcept {
  return firmware(abi::Psci_function::affinity_info_64, vcpu.value()) == number(abi::Psci_affinity::off);
}

[[nodiscard]] std::chrono::nanoseconds duration_of(Wait wait) noexcept {
  return wait == Wait::patiently ? std::chrono::nanoseconds{patience} : short_patience;
}

// Whether the sleeper of that bed has counted `word` up to `enough`, or does in time.
[[nodiscard]] bool sees(Bed& bed, std::uint64_t Bed::* word, std::chrono::nanoseconds duration,
                        std::uint64_t enough = 1) noexcept {
  const runtime::Instant begun = runtime::Clock::now();
  do {
    arch::invalidate_to_coherency(&bed.awake, offsetof(Bed, dismissed));
    if (bed.*word >= enough) {
      return true;
    }
    arch::relax();
  } while (runtime::Clock::now() - begun < duration);
  return false;
}

// All beds as `make` makes them, for sleepers that are started next; where they start.
template <typename Make>
[[nodiscard]] std::uint64_t sleeper_with(Make make) noexcept {
  for (std::uint32_t aff0 = 0; aff0 < beds; ++aff0) {
    enlighten_beds[aff0] = {};
    make(enlighten_beds[aff0], aff0);
  }
  arch::clean_and_invalidate_to_coherency(enlighten_beds, sizeof enlighten_beds);
  return reinterpret_cast<std::uintptr_t>(&enlighten_sleeper);
}

// For the CPU with that Aff0: its private interrupts as far as the upcall needs them, and in version 2 its
// interface.
Result<> enable_upcall(Bed& bed, const arch::Gic_description& gic, std::uint32_t aff0, Interrupt upcall) noexcept {
  const bool v2 = gic.version == arch::Gic_version::v2;
  std::uintptr_t bank = gic.distributor.base;
  if (!v2) {
    bank = ENLIGHTEN_TRY(arch::Gic_v3_redistributor::find(gic, Mpidr{aff0})).base() + sgi_frame;
  }
  const auto at = [bank](arch::Gic_bank::Register which, std::uint32_t index) {
    return bank + static_cast<std::uintptr_t>(which) + std::uintptr_t{index} * 4;
  };
  const auto interface = [&gic](arch::Gic_v2_interface::Register which) {
    return gic.cpu_interface.base + static_cast<std::uintptr_t>(which);
  };
  Register_value* next = bed.registers;
  *next++ = {at(arch::Gic_bank::Register::priority, upcall.value() / 4),
             arch::Gic_bank::default_priority * std::uint64_t{0x0101'0101}};
  *next++ = {at(arch::Gic_bank::Register::set_enable, 0), std::uint64_t{1} << upcall.value()};
  if (v2) {
    *next++ = {interface(arch::Gic_v2_interface::Register::priority_mask), 0xf0};
    *next++ = {interface(arch::Gic_v2_interface::Register::control), 1};
    bed.argument = interface(arch::Gic_v2_interface::Register::acknowledge);
  } else {
    *next++ = {at(arch::Gic_bank::Register::group, 0), ~std::uint32_t{0}};
  }
  bed.task = enlighten_sleeper_takes;
  return {};
}

}  // namespace

Image_machine::Image_machine(runtime::Guest& guest, guest::Memory_range holes) noexcept
    : guest_{guest}, next_hole_{holes.base + abi::page_size}, end_of_holes_{holes.base + holes.size} {}

void* Image_machine::page() noexcept {
  void* const page = guest_.page();
  if (page == nullptr) {
    runtime::panic("conformance: no page is left");
  }
  return page;
}

abi::Gfn Image_machine::hole() noexcept {
  const std::uint64_t address = next_hole_;
  if (address >= end_of_holes_) {
    runtime::panic("conformance: no hole is left");
  }
  next_hole_ += abi::page_size;
  if (const Result<> mapped = runtime::memory().map_frame(address, arch::Memory_kind::data); !mapped) {
    runtime::panic("conformance: %s", mapped.error().text());
  }
  return abi::gfn_of(address);
}

std::uint64_t Image_machine::sleeper() noexcept {
  return sleeper_with([](Bed& /*bed*/, std::uint32_t /*aff0*/) {});
}

std::uint64_t Image_machine::storer(std::uint64_t address) noexcept {
  return sleeper_with([address](Bed& bed, std::uint32_t /*aff0*/) {
    bed.task = enlighten_sleeper_stores;
    bed.argument = address;
  });
}

std::optional<std::uint64_t> Image_machine::foreign_caller() noexcept {
  return sleeper_with([](Bed& bed, std::uint32_t /*aff0*/) { bed.task = enlighten_sleeper_calls; });
}

std::uint64_t Image_machine::taker() noexcept {
  const auto xen = guest_.tree().hypervisor();
  return sleeper_with([&](Bed& bed, std::uint32_t aff0) {
    if (aff0 >= guest_.cpus()) {
      return;
    }
    if (const Result<> enabled = enable_upcall(bed, guest_.gic().description(), aff0, (*xen)->upcall.interrupt);
        !enabled) {
      runtime::panic("conformance: %s", enabled.error().text());
    }
  });
}

std::optional<std::uint64_t> Image_machine::awake(Vcpu_id vcpu) noexcept {
  Bed& bed = enlighten_beds[vcpu.value()];
  return sees(bed, &Bed::awake, patience) ? std::optional{bed.context} : std::nullopt;
}

bool Image_machine::is_done(Vcpu_id vcpu, Wait wait) noexcept {
  return sees(enlighten_beds[vcpu.value()], &Bed::done, duration_of(wait));
}

std::uint32_t Image_machine::interrupts_taken(Vcpu_id vcpu, std::uint32_t enough, Wait wait) noexcept {
  Bed& bed = enlighten_beds[vcpu.value()];
  static_cast<void>(sees(bed, &Bed::interrupts, duration_of(wait), enough));
  return static_cast<std::uint32_t>(bed.interrupts);
}

std::uint64_t Image_machine::syndrome(Vcpu_id vcpu) noexcept {
  return enlighten_beds[vcpu.value()].syndrome;
}

bool Image_machine::has_taken_exception(Vcpu_id vcpu, Wait wait) noexcept {
  return sees(enlighten_beds[vcpu.value()], &Bed::exceptions, duration_of(wait));
}

// The sleeper has written all that it writes.
void Image_machine::forget(Vcpu_id vcpu) noexcept {
  Bed& bed = enlighten_beds[vcpu.value()];
  bed.awake = 0;
  arch::clean_to_coherency(&bed.awake, offsetof(Bed, dismissed));
}

void Image_machine::let_go(Vcpu_id vcpu) noexcept {
  Bed& bed = enlighten_beds[vcpu.value()];
  bed.dismissed = 1;
  arch::clean_to_coherency(&bed.dismissed, sizeof bed.dismissed);
}

void Image_machine::dismiss(Vcpu_id vcpu) noexcept {
  let_go(vcpu);
  const runtime::Instant begun = runtime::Clock::now();
  while (!is_off(vcpu)) {
    if (runtime::Clock::now() - begun > patience) {
      runtime::panic("conformance: vCPU %u does not turn itself off", static_cast<unsigned>(vcpu.value()));
    }
    arch::relax();
  }
  wait(time_to_leave);
}

std::uint32_t Image_machine::take_interrupts() noexcept {
  const arch::Gic_cpu& gic = runtime::this_vcpu().gic();
  std::uint32_t taken = 0;
  while (taken < storm) {
    const auto interrupt = gic.acknowledge();
    if (!interrupt) {
      break;
    }
    gic.complete(*interrupt);
    ++taken;
  }
  return taken;
}

}  // namespace enlighten::conformance
