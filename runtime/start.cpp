// SPDX-License-Identifier: MIT
// From the first C++ on the boot CPU to the program: discovery, memory, the first CPU's steps, guest_main().
#include <cstdlib>
#include <new>

#include <abi/xen_version.hpp>
#include <arch/architecture.hpp>
#include <arch/counter.hpp>
#include <arch/processor.hpp>
#include <arch/start.hpp>
#include <guest/vcpu_discovery.hpp>
#include <report/record.hpp>
#include <runtime/console.hpp>
#include <runtime/guest.hpp>
#include <runtime/log.hpp>
#include <runtime/memory.hpp>
#include <runtime/panic.hpp>
#include <runtime/power.hpp>
#include <runtime/program.hpp>
#include <runtime/services.hpp>
#include <runtime/steps.hpp>
#include <runtime/thread_storage.hpp>
#include <runtime/trace.hpp>

#include "console_choice.hpp"

namespace enlighten::runtime {

// What start-up knows between its stages; the second runs on another stack.
class Start {
 public:
  [[noreturn]] static void first(std::uint64_t tree) noexcept;
  [[noreturn]] static void second() noexcept;
  [[noreturn]] static void secondary() noexcept;

 private:
  [[nodiscard]] static Result<arch::Translation> describe_machine(std::uint64_t tree) noexcept;
  [[nodiscard]] static Result<> choose_firmware(const guest::Device_tree& tree) noexcept;
  [[nodiscard]] static Result<Guest*> make_guest() noexcept;
  [[nodiscard]] static Result<> make_cpus(Guest& guest, arch::Translation translation) noexcept;
  [[nodiscard]] static Result<> start_devices(Guest& guest) noexcept;
  [[nodiscard]] static Result<> start_xen(Guest& guest) noexcept;
  [[nodiscard]] static Result<> start_boot_cpu(Guest& guest) noexcept;
  static void announce(Guest& guest) noexcept;
};

namespace {

using namespace std::string_view_literals;

constinit Services services;
constinit Memory the_memory;
// The boot CPU's until it has its Vcpu.
constinit guest::Cpu_local boot_local;
constinit std::optional<guest::Device_tree> the_tree;
constinit arch::Translation the_translation{};
constinit Guest* the_guest = nullptr;

// Up to here a tree is mapped by start-up.
constexpr std::size_t largest_tree = 2U << 20;

[[noreturn]] void give_up(const Error& error) noexcept {
  log("cannot start: ", error);
  finish(report::Verdict::error, report::exit_code(report::Verdict::error), error.text());
}

template <typename T>
[[nodiscard]] T or_give_up(Result<T> result) noexcept {
  if (!result) {
    give_up(result.error());
  }
  if constexpr (!std::is_void_v<T>) {
    return std::move(*result);
  }
}

// Zeroed memory that is never given back.
[[nodiscard]] Result<std::byte*> allocate(std::size_t bytes) noexcept {
  const auto pages = the_memory.allocate_pages((bytes + Memory::page_size - 1) / Memory::page_size);
  if (!pages) {
    return Error::make(Error_kind::out_of_memory, "memory: no room for %zu bytes of records", bytes);
  }
  return reinterpret_cast<std::byte*>(*pages);
}

// Cuts arrays for as many CPUs as there are out of one piece of memory; those of the widest alignment come first.
class Cutter {
 public:
  Cutter(std::byte* memory, std::uint32_t cpus) noexcept : at_{memory}, cpus_{cpus} {}

  template <typename T>
  [[nodiscard]] std::span<T> cut() noexcept {
    const std::span array{reinterpret_cast<T*>(at_), cpus_};
    at_ += array.size_bytes();
    return array;
  }
  [[nodiscard]] std::byte* rest() const noexcept { return at_; }

 private:
  std::byte* at_;
  std::uint32_t cpus_;
};

// The position among `choices`, names with a comma and a blank in between, of what the boot argument `key` says;
// `otherwise` without one.
[[nodiscard]] Result<unsigned> choose(const Guest& guest, const char* key, const char* choices,
                                      unsigned otherwise) noexcept {
  const std::optional<std::string_view> wanted = guest.argument(key);
  if (!wanted) {
    return otherwise;
  }
  std::string_view rest{choices};
  for (unsigned index = 0;; ++index) {
    const std::size_t end = rest.find(',');
    if (rest.substr(0, end) == *wanted) {
      return index;
    }
    if (end == std::string_view::npos) {
      return Error::make(Error_kind::argument, "bootargs: %s=%.*s is not one of %s", key,
                         static_cast<int>(wanted->size()), wanted->data(), choices);
    }
    rest.remove_prefix(end + 2);
  }
}

[[nodiscard]] Result<std::uint32_t> count_cpus(const guest::Device_tree& tree) noexcept {
  std::uint32_t count = 0;
  guest::Cpu_walk cpus = tree.cpus();
  while (ENLIGHTEN_TRY(cpus.next())) {
    ++count;
  }
  return count;
}

}  // namespace

Services& the_services() noexcept {
  return services;
}
Memory& memory() noexcept {
  return the_memory;
}

Result<> Start::choose_firmware(const guest::Device_tree& tree) noexcept {
  const std::optional<guest::Psci_description> psci = ENLIGHTEN_TRY(tree.psci());
  if (!psci) {
    return Error::make(Error_kind::description, "device tree: no psci node: CPUs cannot be started");
  }
  const arch::Conduit conduit = psci->conduit == guest::Psci_conduit::hvc ? arch::Conduit::hvc : arch::Conduit::smc;
  if (psci->functions) {
    services.psci.emplace(conduit, arch::Psci_0_1_functions{psci->functions->cpu_off, psci->functions->cpu_on});
  } else {
    services.psci.emplace(conduit);
  }
  return {};
}

Result<arch::Translation> Start::describe_machine(std::uint64_t address) noexcept {
  the_tree.emplace(ENLIGHTEN_TRY(guest::Device_tree::open(reinterpret_cast<const void*>(address), largest_tree)));
  // First of all a console, for what may be wrong with the rest of the tree.
  const std::optional<guest::Uart_description> uart = ENLIGHTEN_TRY(the_tree->uart());
  const guest::Memory_range registers{uart ? uart->registers.base : 0, Memory::page_size};
  if (uart) {
    if (!arch::Early_tables::map(arch::identity(registers.base, registers.size, arch::Memory_kind::device))) {
      return Error::make(Error_kind::out_of_memory, "console: no page table for the UART at %#llx",
                         static_cast<unsigned long long>(registers.base));
    }
    console().use(*uart);
  }
  ENLIGHTEN_TRY(choose_firmware(*the_tree));
  ENLIGHTEN_TRY(the_memory.plan(*the_tree, ENLIGHTEN_TRY(count_cpus(*the_tree))));
  const arch::Translation translation = ENLIGHTEN_TRY(the_memory.build_tables());
  if (uart) {
    ENLIGHTEN_TRY(the_memory.map_device(registers));
  }
  ENLIGHTEN_TRY(keep_console());
  return translation;
}

void Start::first(std::uint64_t tree) noexcept {
  static_cast<arch::Exception_stack&>(boot_local) = arch::boot_exception_stack();
  arch::set_cpu_local(&boot_local);
  fill_thread_storage(boot_local.thread_pointer);
  arch::set_thread_pointer(boot_local.thread_pointer);
  start_clock(arch::counter_frequency());
  // Before anything that can fail: a broken tree, too, is to be reported, and only Xen itself can say it is there.
  if (arch::probe_xen_version() >= 0) {
    services.xen = guest::Hypercalls{guest::Hypercalls::Presence::present};
    choose_console();
  }
  the_translation = or_give_up(describe_machine(tree));
  arch::switch_translation(the_translation, the_memory.stacks().top(Cpu{0}), second);
}

Result<> Start::make_cpus(Guest& guest, arch::Translation translation) noexcept {
  const std::uint32_t count = the_memory.stacks().cpus();
  const std::size_t thread_size = (thread_storage_size() + 15) & ~std::size_t{15};
  constexpr std::size_t record_size = sizeof(Vcpu) + sizeof(Vcpu*) + sizeof(guest::Vcpu_identity) +
                                      sizeof(guest::Cpu_slot) + sizeof(arch::Cpu_record) + sizeof(Cpu);
  Cutter cutter{ENLIGHTEN_TRY(allocate(count * (record_size + thread_size))), count};
  const std::span vcpus = cutter.cut<Vcpu>();
  std::byte* thread_storage = cutter.rest();
  cutter = {thread_storage + count * thread_size, count};
  guest.vcpus_ = cutter.cut<Vcpu*>();
  const std::span identities = cutter.cut<guest::Vcpu_identity>();
  const std::span slots = cutter.cut<guest::Cpu_slot>();
  const std::span records = cutter.cut<arch::Cpu_record>();
  guest.scratch_ = cutter.cut<Cpu>();

  using enum guest::Identity_source;
  constexpr guest::Identity_source sources[] = {mpidr, device_tree, direct};
  // Without Xen there are no vCPU ids, and affinities may be any.
  const unsigned otherwise = guest.xen_domain() ? 0 : 2;
  const auto source = sources[ENLIGHTEN_TRY(choose(guest, "identity", "mpidr, device_tree, direct", otherwise))];
  guest.map_.emplace(ENLIGHTEN_TRY(guest::discover_vcpus(*the_tree, source, arch::current_mpidr(), identities)));
  for (std::uint32_t index = 0; index < count; ++index) {
    const Cpu cpu{index};
    const Mpidr affinity = guest.map_->mpidr(cpu);
    Vcpu& vcpu = *new (&vcpus[index])
                     Vcpu{guest, cpu, guest.map_->id(cpu), affinity, the_memory.stacks().exception_top(cpu)};
    vcpu.thread_pointer = thread_storage + index * thread_size;
    fill_thread_storage(vcpu.thread_pointer);
    guest.vcpus_[index] = &vcpu;
    new (&slots[index]) guest::Cpu_slot;
    new (&records[index])
        arch::Cpu_record{affinity.value(), the_memory.stacks().top(cpu), static_cast<guest::Cpu_local*>(&vcpu)};
  }
  // What the boot CPU has asked so far is its own.
  guest.vcpus_[0]->calls.add(boot_local.calls);
  arch::set_cpu_local(static_cast<guest::Cpu_local*>(guest.vcpus_[0]));
  arch::set_thread_pointer(guest.vcpus_[0]->thread_pointer);
  arch::publish_entry(translation, records);
  guest.bringup_.emplace(*guest.map_, guest.xen_, guest.psci_, slots);
  enlighten_trace_start(guest);
  return {};
}

Result<> Start::start_devices(Guest& guest) noexcept {
  const guest::Gic_description described = ENLIGHTEN_TRY(the_tree->gic());
  arch::Gic_description gic{};
  gic.version = described.version == guest::Gic_version::v2 ? arch::Gic_version::v2 : arch::Gic_version::v3;
  ENLIGHTEN_TRY(the_memory.map_device(described.distributor));
  gic.distributor = {described.distributor.base, described.distributor.size};
  if (described.version == guest::Gic_version::v2) {
    ENLIGHTEN_TRY(the_memory.map_device(described.cpu_interface));
    gic.cpu_interface = {described.cpu_interface.base, described.cpu_interface.size};
  }
  guest::Range_walk walk = the_tree->redistributors();
  while (const auto region = ENLIGHTEN_TRY(walk.next())) {
    if (gic.redistributor_regions == arch::Gic_description::most_redistributor_regions) {
      return Error::make(Error_kind::description, "device tree: more than %u GIC redistributor regions",
                         static_cast<unsigned>(gic.redistributor_regions));
    }
    ENLIGHTEN_TRY(the_memory.map_device(*region));
    gic.redistributors[gic.redistributor_regions++] = {region->base, region->size};
  }
  gic.redistributor_stride = described.redistributor_stride;
  guest.gic_.emplace(ENLIGHTEN_TRY(arch::Gic::start(gic)));

  const guest::Timer_description timer = ENLIGHTEN_TRY(the_tree->timer());
  guest.timer_ = timer.virtual_timer.interrupt;
  const std::uint64_t frequency = timer.frequency ? *timer.frequency : arch::counter_frequency();
  if (frequency == 0) {
    return Error::make(Error_kind::description,
                       "timer: CNTFRQ_EL0 is 0 and the device tree has no clock-frequency");
  }
  set_clock_frequency(frequency);
  return {};
}

Result<> Start::start_xen(Guest& guest) noexcept {
  if (!guest.xen_domain()) {
    return {};
  }
  const std::optional<guest::Hypervisor_description> hypervisor = ENLIGHTEN_TRY(the_tree->hypervisor());
  if (!hypervisor) {
    return Error::make(Error_kind::description,
                       "device tree: no hypervisor node although this is Xen: the domain wants xen,enhanced");
  }
  guest.upcall_ = hypervisor->upcall.interrupt;
  // shared_info takes the place of a page that is free: in an extended region, or one of RAM given back to Xen
  // first, which would otherwise stay allocated with nobody able to reach it.
  guest::Range_walk regions = the_tree->extended_regions();
  const std::optional<guest::Memory_range> region = ENLIGHTEN_TRY(regions.next());
  std::uint64_t address = 0;
  if (region && region->size >= Memory::page_size) {
    address = region->base;
    ENLIGHTEN_TRY(the_memory.map_frame(address, arch::Memory_kind::data));
  } else {
    const auto page = the_memory.allocate_pages(1);
    if (!page) {
      return Error::make(Error_kind::out_of_memory, "memory: no page for shared_info");
    }
    address = *page;
    const abi::Gfn frame = abi::gfn_of(address);
    static_cast<void>(ENLIGHTEN_TRY(guest.xen_.decrease_reservation(std::span{&frame, 1})));
  }
  ENLIGHTEN_TRY(guest.xen_.add_to_physmap(abi::Map_space::shared_info, 0, abi::gfn_of(address)));
  guest.shared_info_ = reinterpret_cast<abi::Shared_info*>(address);
  return {};
}

Result<> Start::start_boot_cpu(Guest& guest) noexcept {
  guest::Starting_context context = ENLIGHTEN_TRY(guest.bringup_->boot(arch::current_mpidr()));
  if (guest.xen_domain()) {
    using enum guest::Event_preference;
    constexpr guest::Event_preference preferences[] = {automatic, fifo, two_level};
    const auto preference = preferences[ENLIGHTEN_TRY(choose(guest, "events", "auto, fifo, 2l", 0))];
    Vcpu& self = *guest.vcpus_[0];
    self.ready_.emplace(ENLIGHTEN_TRY(guest.events_.boot(context, self.events_, *guest.shared_info_, preference)));
  }
  const Result<> outcome = Steps::start(guest, context);
  guest.bringup_->arrived(Cpu{0}, outcome);
  return outcome;
}

void Start::announce(Guest& guest) noexcept {
  report::Line version;
  if (const auto told = guest.xen_.version()) {
    version.integer(told->major).character('.').integer(told->minor).text(told->extra.view());
  } else {
    version.text(guest.xen_domain() ? "unknown"sv : "none"sv);
  }
  report::Record_line record{report::record_kind::boot};
  record.text("xen"sv, version.view())
      .text("arch"sv, arch::architecture)
      .integer("cpus"sv, guest.cpus())
      .text("events"sv, guest.event_abi());
  record.write_to(console());
}

Result<Guest*> Start::make_guest() noexcept {
  the_guest = new (ENLIGHTEN_TRY(allocate(sizeof(Guest)))) Guest{services.xen, *the_tree, *services.psci};
  the_guest->bootargs_ = ENLIGHTEN_TRY(the_tree->chosen()).bootargs;
  ENLIGHTEN_TRY(make_cpus(*the_guest, the_translation));
  ENLIGHTEN_TRY(start_devices(*the_guest));
  ENLIGHTEN_TRY(start_xen(*the_guest));
  ENLIGHTEN_TRY(start_boot_cpu(*the_guest));
  return the_guest;
}

namespace {

extern "C" void (*const enlighten_constructors[])();
extern "C" void (*const enlighten_constructors_end[])();

}  // namespace

void Start::second() noexcept {
  Guest& guest = *or_give_up(make_guest());
  for (auto constructor = enlighten_constructors; constructor != enlighten_constructors_end; ++constructor) {
    (*constructor)();
  }
  announce(guest);
  Vcpu& self = guest.vcpu(Cpu{0});
  self.executor().spawn(run_program(guest));
  self.run();
}

void Start::secondary() noexcept {
  Vcpu& self = this_vcpu();
  arch::set_thread_pointer(self.thread_pointer);
  arch::set_cpu_trace(self.trace);
  Guest& guest = self.guest();
  const auto context = guest.bringup_->arrive(self.cpu, arch::current_mpidr(), arch::secondary_entry());
  Result<> outcome;
  if (context) {
    guest::Starting_context starting = *context;
    outcome = Steps::start(guest, starting);
  } else {
    outcome = context.error();
  }
  guest.bringup_->arrived(self.cpu, outcome);
  if (!outcome) {
    self.turn_off();
  }
  self.run();
}

extern "C" {
// What all that records is in an image that is linked with NO_TRACE.
void enlighten_no_trace() {}

// Called by entry.S.
[[noreturn]] void enlighten_start(std::uint64_t tree) {
  Start::first(tree);
}
[[noreturn]] void enlighten_start_secondary() {
  Start::secondary();
}
}

}  // namespace enlighten::runtime
