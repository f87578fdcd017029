// SPDX-License-Identifier: MIT
// Lets one vCPU have another do something, and wait until it is done: one runs at a time.
#pragma once

#include <atomic>
#include <cstdint>

#include <conformance/differential/step.hpp>

namespace enlighten::conformance::differential {

class Job {
 public:
  virtual void run() noexcept = 0;

 protected:
  Job() = default;
  Job(const Job&) = default;
  Job& operator=(const Job&) = default;
  ~Job() = default;
};

// Whoever waits gives its processor away by SCHEDOP_yield: no event, no interrupt and no word shared with Xen is
// needed, so that all of those are the programs' alone.
class Workers {
 public:
  // What each working vCPU but the first one does, until it is dismissed.
  void serve(std::uint32_t vcpu) noexcept;
  // By the first one: `vcpu` serves when this returns.
  void wait_for(std::uint32_t vcpu) noexcept;
  // By the first one: `vcpu`, or itself, does `job`; returns when it is done.
  void run(std::uint32_t vcpu, Job& job) noexcept;
  // Lets all of them return from serve(), and waits for that.
  void dismiss() noexcept;

 private:
  struct Desk {
    std::atomic<bool> occupied{false};
    std::atomic<bool> dismissed{false};
    std::atomic<Job*> job{nullptr};
  };

  Desk desks_[working_vcpus];
};

}  // namespace enlighten::conformance::differential
