// SPDX-License-Identifier: MIT
// Pages of the model's RAM, holes behind it, and sleepers that are vCPUs of it.
#include "machine.hpp"

#include <cstdio>
#include <cstdlib>

#include <arch/counter.hpp>
#include <arch/processor.hpp>
#include <conformance/calls.hpp>
#include <conformance/expected.hpp>
#include <model/machine_memory.hpp>

namespace enlighten::conformance {
namespace {

// What PSCI is given: the model hands it on and never looks inside. Even, as an address of code is.
constexpr std::uint64_t entry = 0x4000;
// How long somebody is waited for, in the model's time: a step is short, and when nobody does anything it flies.
constexpr std::uint64_t patience = 1'000'000'000;
// For what is expected not to happen.
constexpr std::uint64_t short_patience = 1'000'000;

std::uint64_t duration_of(Wait wait) {
  return wait == Wait::patiently ? patience : short_patience;
}

// Lets others go on; false if `condition` still does not hold after that time.
template <typename Condition>
bool wait_until(Condition condition, std::uint64_t duration = patience) {
  const std::uint64_t end = arch::counter() + duration;
  while (!condition()) {
    if (arch::counter() > end) {
      return false;
    }
    arch::relax();
  }
  return true;
}

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "conformance: %s\n", what);
  std::abort();
}

}  // namespace

Model_machine::Model_machine(model::Domain& domain)
    : domain_{domain},
      next_page_{domain.ram_base()},
      next_hole_{domain.ram_base() + domain.ram_size()},
      beds_(domain.options().vcpus) {}

bool Model_machine::boot() {
  const abi::Gfn place = hole();
  const abi::Xen_add_to_physmap shared{
      .domid = abi::domain_self, .space = abi::Map_space::shared_info, .gpfn = place};
  vcpu_info_ = static_cast<abi::Vcpu_info*>(page());
  abi::Vcpu_register_vcpu_info info{.mfn = frame_of(vcpu_info_), .offset = 0};
  shared_info_ = reinterpret_cast<abi::Shared_info*>(abi::address_of(place));
  return memory_op(abi::Memory_op::add_to_physmap, shared) == 0 &&
         vcpu_op(abi::Vcpu_op::register_vcpu_info, self, address_of(info)) == 0;
}

void Model_machine::sleep(Vcpu_id vcpu, std::uint64_t context) {
  Bed& bed = beds_[vcpu.value()];
  bed.context = context;
  bed.taken = true;
  switch (task_.load()) {
    case Task::none:
      break;
    case Task::store:
      store(bed, argument_);
      break;
    case Task::take_interrupts:
      take_interrupts_of(vcpu);
      break;
  }
  while (!bed.dismissed) {
    arch::relax();
  }
  static_cast<void>(firmware(abi::Psci_function::cpu_off));
}

// A store of this process's would end it, with the explanation. So stage 2 is asked, by the model's own way to a
// guest's memory, and the processor played: at a hole it takes an exception, at what it may only read it comes back
// to the instruction, as long as that is so.
void Model_machine::store(Bed& bed, std::uint64_t place) {
  constexpr std::uint64_t word = 1;
  while (!domain_.copy_to_guest(place, &word, sizeof word)) {
    if (!domain_.machine_frame(abi::gfn_of(place))) {
      bed.taken_exception = true;
    }
    arch::relax();
  }
  bed.done = true;
}

// This domain has no interrupt controller: the upcall is taken from Xen's own hands.
void Model_machine::take_interrupts_of(Vcpu_id vcpu) {
  Bed& bed = beds_[vcpu.value()];
  bed.done = true;
  while (!bed.dismissed) {
    if (domain_.vcpu(vcpu).upcall_pending.exchange(false, std::memory_order_acq_rel)) {
      ++bed.interrupts;
    }
    arch::relax();
  }
}

void* Model_machine::page() noexcept {
  if (next_page_ == domain_.ram_base() + domain_.ram_size()) {
    give_up("no page is left");
  }
  void* const page = reinterpret_cast<void*>(next_page_);
  next_page_ += abi::page_size;
  return page;
}

abi::Gfn Model_machine::hole() noexcept {
  if (next_hole_ == domain_.ram_base() + model::Physical_map::size) {
    give_up("no hole is left");
  }
  const abi::Gfn frame = abi::gfn_of(next_hole_);
  next_hole_ += abi::page_size;
  return frame;
}

std::uint64_t Model_machine::sleeper() noexcept {
  return sleeper_with(Task::none, 0);
}

std::uint64_t Model_machine::sleeper_with(Task task, std::uint64_t argument) {
  for (Bed& bed : beds_) {
    bed.taken = false;
    bed.dismissed = false;
    bed.done = false;
    bed.taken_exception = false;
    bed.syndrome = 0;
    bed.interrupts = 0;
  }
  task_ = task;
  argument_ = argument;
  return entry;
}

std::uint64_t Model_machine::storer(std::uint64_t address) noexcept {
  return sleeper_with(Task::store, address);
}

std::uint64_t Model_machine::taker() noexcept {
  return sleeper_with(Task::take_interrupts, 0);
}

bool Model_machine::is_done(Vcpu_id vcpu, Wait wait) noexcept {
  return wait_until([&] { return beds_[vcpu.value()].done.load(); }, duration_of(wait));
}

bool Model_machine::has_taken_exception(Vcpu_id vcpu, Wait wait) noexcept {
  return wait_until([&] { return beds_[vcpu.value()].taken_exception.load(); }, duration_of(wait));
}

std::uint32_t Model_machine::interrupts_taken(Vcpu_id vcpu, std::uint32_t enough, Wait wait) noexcept {
  const Bed& bed = beds_[vcpu.value()];
  static_cast<void>(wait_until([&] { return bed.interrupts.load() >= enough; }, duration_of(wait)));
  return bed.interrupts;
}

std::uint32_t Model_machine::take_interrupts() noexcept {
  return domain_.vcpu(self).upcall_pending.exchange(false, std::memory_order_acq_rel) ? 1 : 0;
}

std::optional<std::uint64_t> Model_machine::awake(Vcpu_id vcpu) noexcept {
  const Bed& bed = beds_[vcpu.value()];
  return wait_until([&] { return bed.taken.load(); }) ? std::optional{bed.context} : std::nullopt;
}

void Model_machine::dismiss(Vcpu_id vcpu) noexcept {
  let_go(vcpu);
  if (!wait_until([&] {
        return firmware(abi::Psci_function::affinity_info_64, vcpu.value()) == number(abi::Psci_affinity::off);
      })) {
    give_up("a vCPU does not turn itself off");
  }
}

}  // namespace enlighten::conformance
