// SPDX-License-Identifier: MIT
// A guest of some vCPUs, made of guest/'s own parts, on a modelled Xen, whoever runs them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <arch/psci.hpp>
#include <guest/bringup.hpp>
#include <guest/cpu_local.hpp>
#include <guest/event_channels.hpp>
#include <guest/page_source.hpp>
#include <guest/vcpu_identity.hpp>
#include <model/xen.hpp>
#include <model_machine/faults.hpp>
#include <model_machine/vcpu_runner.hpp>

namespace enlighten::on_model {

struct Guest_options {
  std::uint32_t vcpus = 4;
  Vcpu_id boot{0};
  // In which order the machine's description names the vCPUs, by id; none: ascending. Their Cpu follows from it.
  std::optional<std::vector<std::uint32_t>> order = std::nullopt;
  guest::Event_preference events = guest::Event_preference::fifo;
  model::Xen_options xen{};
  model_machine::Faults faults{};
};

class Guest final : public guest::Page_source {
 public:
  // What a vCPU does once it is online; it returns when it is told to, or runs to its end.
  using Program = std::function<void(Guest& guest, Cpu self)>;

  // Makes whoever is to run the vCPUs.
  using Make_runner =
      std::function<std::unique_ptr<model_machine::Vcpu_runner>(model_machine::Vcpu_runner::Body body)>;

  Guest(const Make_runner& make_runner, const Guest_options& options, Program program);
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  virtual ~Guest();

  // Boots and runs to the end.
  [[nodiscard]] model_machine::Outcome run(std::uint64_t most_steps = 2'000'000);
  // For the message of a failed expectation.
  [[nodiscard]] std::string story() const { return failure_ + runner_->story(); }

  [[nodiscard]] std::uint32_t cpus() const { return map_->size(); }
  [[nodiscard]] guest::Event_channels& events() { return *channels_; }
  [[nodiscard]] const guest::Vcpu_map& map() const { return *map_; }
  [[nodiscard]] model::Domain& domain() { return domain_; }
  [[nodiscard]] guest::Ready_vcpu ready(Cpu cpu) const { return *vcpus_[cpu.value()]->ready; }

  // By `self`: delivers what is pending, and waits for interrupts while `wanted` does not hold.
  void live_until(Cpu self, const std::function<bool()>& wanted);
  // By `self`: turns those on, which are offline, and waits until they are online.
  void start(const std::vector<Cpu>& cpus, Cpu self);
  // By `self`, about itself: hands its ports to `heir` and is off.
  [[noreturn]] void turn_off(Cpu self, Cpu heir);
  // By anybody: until `cpu` is off for the firmware too; it can then be started again.
  void wait_until_off(Cpu cpu);

  // By `self`: until `condition` holds. Not for ever: then the run ends, and says that `what` has not come.
  void wait_for(const std::string& what, const std::function<bool()>& condition);

  // Ends the run at once: what went wrong on a vCPU.
  [[noreturn]] void fail(const std::string& what);
  template <typename T>
  T need(Result<T> result) {
    if (!result) {
      fail(result.error().text());
    }
    if constexpr (!std::is_void_v<T>) {
      return std::move(*result);
    }
  }

  [[nodiscard]] void* page() noexcept override;

  // The steps of this guest, for Bringup: the event channels of each CPU.
  static Result<> prepare(Guest& guest, guest::Prepare_context& context);
  static Result<> start_cpu(Guest& guest, guest::Starting_context& context);
  static void stop_cpu(Guest& guest, Cpu self);
  static constexpr guest::Bringup_step<Guest> steps[] = {{prepare, start_cpu, stop_cpu}};

 private:
  struct Shared {
    abi::Vcpu_info info;
    abi::Evtchn_fifo_control_block block;
  };
  struct Vcpu : guest::Cpu_local {
    explicit Vcpu(Shared& shared_with_xen)
        : shared{shared_with_xen}, events{shared_with_xen.info, shared_with_xen.block} {}

    Shared& shared;
    guest::Vcpu_events events;
    std::optional<guest::Ready_vcpu> ready;
    std::optional<guest::Ready_vcpu> heir;
    model_machine::Model_vcpu* machine = nullptr;
  };

  void enter(model_machine::Model_vcpu& machine);
  void boot(Vcpu& self);
  [[nodiscard]] std::byte* take(std::size_t size);

  Guest_options options_;
  Program program_;
  std::unique_ptr<model_machine::Vcpu_runner> runner_;
  model::Xen xen_;
  model::Domain& domain_;
  std::atomic<std::uint64_t> next_page_;
  std::vector<guest::Vcpu_identity> identities_;
  std::vector<guest::Cpu_slot> slots_;
  std::vector<std::unique_ptr<Vcpu>> vcpus_;
  std::optional<guest::Vcpu_map> map_;
  guest::Hypercalls hypercalls_{guest::Hypercalls::Presence::present};
  arch::Psci psci_{arch::Conduit::hvc};
  std::optional<guest::Bringup> bringup_;
  std::optional<guest::Event_channels> channels_;
  std::mutex failure_mutex_;
  std::string failure_;
};

// What a guest that did not come to its end leaves behind: ports that nobody has closed cannot be any more, for
// there is nobody left to ask Xen. Kept, so that no destructor tries.
void keep_for_ever(std::shared_ptr<void> remains);

}  // namespace enlighten::on_model
