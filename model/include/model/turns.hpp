// SPDX-License-Identifier: MIT
// When others may go on: what the model asks of whoever runs its vCPUs, be it fibers in a chosen order or threads.
#pragma once

#include <functional>

namespace enlighten::model {

class Turns {
 public:
  Turns() = default;
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;
  virtual ~Turns() = default;

  // Before each access to memory that another vCPU may access, and at the start of each hypercall: others may go
  // first. `where` is that memory, null for a hypercall.
  virtual void step(const void* where) = 0;

  // Between two parts of a call that Xen may interrupt, with no lock held. True: it did, and others went on
  // meanwhile; the call starts again where it was, and reads its arguments anew.
  [[nodiscard]] virtual bool preempted() { return false; }

  // Returns when `condition` holds. It must depend on nothing but what vCPUs and Xen do.
  virtual void wait(const std::function<bool()>& condition) = 0;
};

}  // namespace enlighten::model
