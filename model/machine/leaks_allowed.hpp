// SPDX-License-Identifier: MIT
// For LeakSanitizer: what a vCPU's functions hold, which it may never come back from.
#pragma once

// Null in a program without LeakSanitizer.
extern "C" {
[[gnu::weak]] void __lsan_disable();
[[gnu::weak]] void __lsan_enable();
}

namespace enlighten::model_machine {

// A vCPU that is turned off, or stopped in the middle by the end of a run, never leaves its functions: what those
// hold is lost, and is no mistake of theirs. On the thread that has one of these.
class Leaks_allowed {
 public:
  Leaks_allowed() {
    if (__lsan_disable != nullptr) {
      __lsan_disable();
    }
  }
  ~Leaks_allowed() {
    if (__lsan_enable != nullptr) {
      __lsan_enable();
    }
  }
  Leaks_allowed(const Leaks_allowed&) = delete;
  Leaks_allowed& operator=(const Leaks_allowed&) = delete;
};

}  // namespace enlighten::model_machine
