// SPDX-License-Identifier: MIT
// The hypervisor: which release, with which options, and its domains.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <abi/errno.hpp>
#include <abi/hypercall.hpp>
#include <model/domain.hpp>
#include <model/machine_memory.hpp>
#include <model/release.hpp>
#include <model/turns.hpp>

namespace enlighten::model {

// Runs vCPUs: what the model asks when one is to start, or is to look whether it can go on.
class Processor : public Turns {
 public:
  // CPU_ON has succeeded.
  virtual void start(Domain& domain, const Vcpu_start& start) = 0;
  // The calling vCPU waits as WFI lets it: for an interrupt, of its own timer too, or for the end of its domain.
  virtual void wait_for_interrupt() = 0;
  // The guest was blamed for `what`: the place to say on which vCPU and after which steps.
  virtual void report(Domain& domain, const std::string& what) = 0;
  // Before a call is looked at: an errno that is legal there and rare, for Xen to refuse with. Most machines have
  // none.
  [[nodiscard]] virtual std::optional<abi::Errno> refuse(abi::Hypercall call, std::uint32_t operation);
  // For an upcall interrupt that is being raised: after how many nanoseconds it arrives.
  [[nodiscard]] virtual std::uint64_t upcall_delay() { return 0; }
  // Whether a vCPU that has called CPU_OFF a moment ago still runs.
  [[nodiscard]] virtual bool lingers() { return false; }
  // Nanoseconds of Xen's system time.
  [[nodiscard]] virtual std::uint64_t now() = 0;
};

struct Xen_options {
  Release release = Release::v4_17;
  Quirks quirks;
  bool silo = true;
  std::uint64_t machine_pages = 65536;
};

class Xen {
 public:
  Xen(Processor& processor, const Xen_options& options);

  // Numbered from 1.
  Domain& create(const Domain_options& options);
  // Null if there is none.
  [[nodiscard]] Domain* find(Domain_id id);

  [[nodiscard]] Processor& processor() { return processor_; }
  [[nodiscard]] Machine_memory& memory() { return memory_; }
  [[nodiscard]] const Xen_options& options() const noexcept { return options_; }

 private:
  Processor& processor_;
  Xen_options options_;
  Machine_memory memory_;
  std::vector<std::unique_ptr<Domain>> domains_;
};

}  // namespace enlighten::model
