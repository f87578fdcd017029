// SPDX-License-Identifier: MIT
// Pages from the runtime's memory, holes from an extended region, and the sleepers' beds.
#include "machine.hpp"

#include <chrono>

#include <abi/psci.hpp>
#include <arch/cache.hpp>
#include <arch/processor.hpp>
#include <conformance/calls.hpp>
#include <conformance/expected.hpp>
#include <runtime/clock.hpp>
#include <runtime/memory.hpp>
#include <runtime/panic.hpp>

namespace enlighten::conformance {
namespace {

// One a vCPU, by Aff0. The sleeper's caches are off: what it writes and what it reads are lines of their own, so
// that neither side cleans over what the other has stored.
struct alignas(256) Bed {
  alignas(128) std::uint64_t awake;
  std::uint64_t context;
  std::uint64_t stored;
  std::uint64_t exceptions;
  alignas(128) std::uint64_t dismissed;
  std::uint64_t store_to;
};
static_assert(sizeof(Bed) == 256);

constexpr std::uint32_t beds = 16;

extern "C" {
[[gnu::visibility("hidden")]] void enlighten_sleeper();
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

// Whether the sleeper of that bed has set `word`, or does in time.
[[nodiscard]] bool sees(Bed& bed, std::uint64_t Bed::* word, std::chrono::nanoseconds duration) noexcept {
  const runtime::Instant begun = runtime::Clock::now();
  do {
    arch::invalidate_to_coherency(&bed.awake, offsetof(Bed, dismissed));
    if (bed.*word != 0) {
      return true;
    }
    arch::relax();
  } while (runtime::Clock::now() - begun < duration);
  return false;
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
  for (Bed& bed : enlighten_beds) {
    bed = {};
  }
  arch::clean_and_invalidate_to_coherency(enlighten_beds, sizeof enlighten_beds);
  return reinterpret_cast<std::uintptr_t>(&enlighten_sleeper);
}

std::uint64_t Image_machine::storer(std::uint64_t address) noexcept {
  const std::uint64_t entry = sleeper();
  for (Bed& bed : enlighten_beds) {
    bed.store_to = address;
  }
  arch::clean_to_coherency(enlighten_beds, sizeof enlighten_beds);
  return entry;
}

std::optional<std::uint64_t> Image_machine::awake(Vcpu_id vcpu) noexcept {
  Bed& bed = enlighten_beds[vcpu.value()];
  return sees(bed, &Bed::awake, patience) ? std::optional{bed.context} : std::nullopt;
}

bool Image_machine::has_stored(Vcpu_id vcpu, Wait wait) noexcept {
  return sees(enlighten_beds[vcpu.value()], &Bed::stored, duration_of(wait));
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
