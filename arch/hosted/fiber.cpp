// SPDX-License-Identifier: MIT
// Fibers by ucontext, known to AddressSanitizer where a program has it.
#include <arch/fiber.hpp>

#include <utility>
#include <vector>

// Null in a program without AddressSanitizer.
extern "C" {
[[gnu::weak]] void __sanitizer_start_switch_fiber(void** fake_stack, const void* bottom, std::size_t size);
[[gnu::weak]] void __sanitizer_finish_switch_fiber(void* fake_stack, const void** bottom_old,
                                                   std::size_t* size_old);

// Asked by AddressSanitizer as the program starts. To find uses after return it would map a second stack of some
// megabytes for each fiber, and a search starts a million of them.
const char* __asan_default_options() {
  return "detect_stack_use_after_return=0";
}
}

namespace enlighten::arch::hosted {
namespace {

// makecontext passes integers only.
thread_local Fiber* starting = nullptr;

// Of fibers that are gone: a search starts millions, and a stack is large enough to be mapped and unmapped each
// time.
thread_local std::vector<std::unique_ptr<std::byte[]>> free_stacks;

std::unique_ptr<std::byte[]> take_stack(std::size_t size) {
  if (free_stacks.empty()) {
    return std::make_unique_for_overwrite<std::byte[]>(size);
  }
  std::unique_ptr<std::byte[]> stack = std::move(free_stacks.back());
  free_stacks.pop_back();
  return stack;
}

void before_switch(void** fake_stack, const void* bottom, std::size_t size) {
  if (__sanitizer_start_switch_fiber != nullptr) {
    __sanitizer_start_switch_fiber(fake_stack, bottom, size);
  }
}

void after_switch(void* fake_stack, const void** bottom_old, std::size_t* size_old) {
  if (__sanitizer_finish_switch_fiber != nullptr) {
    __sanitizer_finish_switch_fiber(fake_stack, bottom_old, size_old);
  }
}

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_{std::move(body)}, stack_{take_stack(stack_size)} {
  getcontext(&inside_);
  inside_.uc_stack.ss_sp = stack_.get();
  inside_.uc_stack.ss_size = stack_size;
  inside_.uc_link = nullptr;
  makecontext(&inside_, &Fiber::start, 0);
}

Fiber::~Fiber() {
  free_stacks.push_back(std::move(stack_));
}

void Fiber::start() {
  Fiber& self = *starting;
  after_switch(nullptr, &self.outside_stack_, &self.outside_stack_size_);
  self.body_();
  self.done_ = true;
  before_switch(nullptr, self.outside_stack_, self.outside_stack_size_);
  swapcontext(&self.inside_, &self.outside_);
}

void Fiber::enter() {
  starting = this;
  void* fake_stack = nullptr;
  before_switch(&fake_stack, stack_.get(), stack_size);
  swapcontext(&outside_, &inside_);
  after_switch(fake_stack, nullptr, nullptr);
}

void Fiber::leave() {
  void* fake_stack = nullptr;
  before_switch(&fake_stack, outside_stack_, outside_stack_size_);
  swapcontext(&inside_, &outside_);
  after_switch(fake_stack, &outside_stack_, &outside_stack_size_);
}

}  // namespace enlighten::arch::hosted
