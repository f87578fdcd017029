// SPDX-License-Identifier: MIT
// Boots the guest, brings its CPUs up and runs the program on each.
#include "guest_on_model.hpp"

#include <new>

#include <arch/counter.hpp>
#include <arch/processor.hpp>

namespace enlighten::on_model {
namespace {

// What PSCI is given: the model hands it on and never looks inside. Even, as an address of code is.
constexpr std::uint64_t entry = 0x4000;

guest::Vcpu_map make_map(std::vector<guest::Vcpu_identity>& storage, const Guest_options& options) {
  using guest::Identity_source;
  guest::Vcpu_map_builder builder{storage, Identity_source::mpidr, *guest::mpidr_from_vcpu_id(options.boot)};
  for (std::uint32_t index = 0; index < options.vcpus; ++index) {
    const Vcpu_id id{options.order ? (*options.order)[index] : index};
    value_of(builder.add(*guest::mpidr_from_vcpu_id(id)));
  }
  return *builder.finish();
}

}  // namespace

Guest::Guest(const Make_runner& make_runner, const Guest_options& options, Program program)
    : options_{options},
      program_{std::move(program)},
      runner_{
          make_runner([this](model_machine::Model_vcpu& machine, const model::Vcpu_start&) { enter(machine); })},
      xen_{*runner_, options.xen},
      domain_{xen_.create({.vcpus = options.vcpus, .ram_pages = 1024, .boot_vcpu = options.boot})},
      next_page_{domain_.ram_base()},
      identities_(options.vcpus),
      slots_(options.vcpus) {
  map_.emplace(make_map(identities_, options));
  for (std::uint32_t index = 0; index < options.vcpus; ++index) {
    static_assert(sizeof(Shared) <= abi::page_size);
    Vcpu& vcpu = *vcpus_.emplace_back(std::make_unique<Vcpu>(*new (page()) Shared));
    vcpu.cpu = Cpu{index};
    vcpu.vcpu = map_->id(Cpu{index});
  }
  bringup_.emplace(*map_, hypercalls_, psci_, slots_);
  channels_.emplace(hypercalls_, *this);
}

Guest::~Guest() = default;

void* Guest::page() noexcept {
  const std::uint64_t page = next_page_.fetch_add(abi::page_size, std::memory_order_relaxed);
  return page < domain_.ram_base() + domain_.ram_size() ? reinterpret_cast<void*>(page) : nullptr;
}

model_machine::Outcome Guest::run(std::uint64_t most_steps) {
  runner_->start(domain_, {options_.boot, entry, 0});
  return runner_->run(most_steps);
}

void Guest::enter(model_machine::Model_vcpu& machine) {
  const Cpu self = *map_->find(arch::current_mpidr());
  Vcpu& vcpu = *vcpus_[self.value()];
  vcpu.machine = &machine;
  arch::set_cpu_local(static_cast<guest::Cpu_local*>(&vcpu));
  if (self == Cpu{0} && bringup_->state(self) == guest::Cpu_state::offline && !vcpu.ready) {
    boot(vcpu);
  } else {
    auto context = bringup_->arrive(self, arch::current_mpidr(), entry);
    const Result<> outcome =
        context ? guest::Bringup::run_steps<steps>(*this, *context) : Result<>{context.error()};
    bringup_->arrived(self, outcome);
    need(outcome);
  }
  program_(*this, self);
}

void Guest::boot(Vcpu& self) {
  guest::Starting_context context = need(bringup_->boot(arch::current_mpidr()));
  const std::uint64_t behind_ram = domain_.ram_base() + domain_.ram_size();
  need(hypercalls_.add_to_physmap(abi::Map_space::shared_info, 0, abi::gfn_of(behind_ram)));
  auto& shared = *reinterpret_cast<abi::Shared_info*>(behind_ram);
  self.ready.emplace(need(channels_->boot(context, self.events, shared, options_.events)));
  const Result<> outcome = guest::Bringup::run_steps<steps>(*this, context);
  bringup_->arrived(Cpu{0}, outcome);
  need(outcome);
}

Result<> Guest::prepare(Guest& guest, guest::Prepare_context& context) {
  Vcpu& vcpu = *guest.vcpus_[context.cpu().value()];
  if (!vcpu.ready) {
    vcpu.shared = {};
  }
  return {};
}

Result<> Guest::start_cpu(Guest& guest, guest::Starting_context& context) {
  Vcpu& vcpu = *guest.vcpus_[context.cpu().value()];
  vcpu.ready.emplace(ENLIGHTEN_TRY(guest.channels_->start(context, vcpu.events)));
  return {};
}

void Guest::stop_cpu(Guest& guest, Cpu self) {
  Vcpu& vcpu = *guest.vcpus_[self.value()];
  guest.need(guest.channels_->move_ports(*vcpu.ready, *vcpu.heir));
  guest.need(guest.channels_->deliver(vcpu.events));
}

void Guest::start(const std::vector<Cpu>& cpus, Cpu self) {
  need(bringup_->start<steps>(*this, std::span{cpus}, self, entry));
  for (const Cpu cpu : cpus) {
    wait_for("vCPU " + std::to_string(map_->id(cpu).value()), [&] {
      if (bringup_->state(cpu) == guest::Cpu_state::failed) {
        fail(bringup_->error(cpu)->text());
      }
      return bringup_->state(cpu) == guest::Cpu_state::online;
    });
  }
}

void Guest::wait_for(const std::string& what, const std::function<bool()>& condition) {
  constexpr std::uint64_t patience = 30'000'000'000;
  const std::uint64_t end = arch::counter() + patience;
  while (!condition()) {
    if (arch::counter() > end) {
      fail(what + " has not come up");
    }
    arch::relax();
  }
}

void Guest::turn_off(Cpu self, Cpu heir) {
  vcpus_[self.value()]->heir = ready(heir);
  guest::Bringup::run_inverse_steps<steps>(*this, self);
  bringup_->leaving(self);
  static_cast<void>(psci_.cpu_off());
  fail("CPU_OFF came back");
}

void Guest::wait_until_off(Cpu cpu) {
  while (bringup_->state(cpu) != guest::Cpu_state::stopping || !need(bringup_->is_off(cpu))) {
    arch::relax();
  }
  bringup_->gone(cpu);
}

void Guest::live_until(Cpu self, const std::function<bool()>& wanted) {
  Vcpu& vcpu = *vcpus_[self.value()];
  // What came while this CPU was off has no interrupt.
  need(channels_->deliver(vcpu.events));
  while (!wanted()) {
    if (vcpu.machine->acknowledge_upcall()) {
      need(channels_->deliver(vcpu.events));
    } else {
      arch::wait_for_interrupt();
    }
  }
}

void Guest::fail(const std::string& what) {
  {
    const std::lock_guard guard{failure_mutex_};
    failure_ += what + "\n";
  }
  domain_.blame_guest(what);
  for (;;) {
    arch::relax();
  }
}

void keep_for_ever(std::shared_ptr<void> remains) {
  // Never destroyed itself.
  static auto& all = *new std::vector<std::shared_ptr<void>>;
  all.push_back(std::move(remains));
}

}  // namespace enlighten::on_model
