// SPDX-License-Identifier: MIT
// Something done every second, for as long as an object is there.
#pragma once

#include <memory>

#include <runtime/task.hpp>

namespace enlighten::runtime {

// Belongs to the vCPU on which it is started.
class Pulse {
 public:
  using Beat = void (*)(void* owner) noexcept;

  Pulse() noexcept = default;
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;
  ~Pulse();

  // Once. `beat` is called with `owner` until this object goes.
  void start(Beat beat, void* owner);
  [[nodiscard]] bool is_started() const noexcept { return life_ != nullptr; }

 private:
  // What outlives the object, in the coroutine that looks after time.
  struct Life {
    Beat beat;
    void* owner;  // null once the object has gone
  };
  [[nodiscard]] static Task<> run(std::unique_ptr<Life> life);

  Life* life_ = nullptr;
};

}  // namespace enlighten::runtime
