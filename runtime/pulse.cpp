// SPDX-License-Identifier: MIT
// A coroutine that outlives its object by a second at most.
#include <runtime/pulse.hpp>

#include <utility>

#include <runtime/vcpu.hpp>

namespace enlighten::runtime {

Pulse::~Pulse() {
  if (life_ != nullptr) {
    life_->owner = nullptr;
  }
}

void Pulse::start(Beat beat, void* owner) {
  std::unique_ptr<Life> life{new Life{beat, owner}};
  life_ = life.get();
  this_vcpu().executor().spawn(run(std::move(life)));
}

Task<> Pulse::run(std::unique_ptr<Life> life) {
  while (life->owner != nullptr) {
    co_await this_vcpu().executor().sleep_for(std::chrono::seconds{1});
    if (life->owner != nullptr) {
      life->beat(life->owner);
    }
  }
}

}  // namespace enlighten::runtime
