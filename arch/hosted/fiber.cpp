// SPDX-License-Identifier: MIT
// Fibers, known to AddressSanitizer where a program has it.
#include <arch/fiber.hpp>

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

// Null in a program without AddressSanitizer.
extern "C" {
[[gnu::weak]] void __sanitizer_start_switch_fiber(void** fake_stack, const void* bottom, std::size_t size);
[[gnu::weak]] void __sanitizer_finish_switch_fiber(void* fake_stack, const void** bottom_old,
                                                   std::size_t* size_old);
[[gnu::weak]] void __asan_unpoison_memory_region(const volatile void* first, std::size_t size);

// Asked by AddressSanitizer as the program starts. To find uses after return it would map a second stack of some
// megabytes for each fiber, and a search starts a million of them.
const char* __asan_default_options() {
  return "detect_stack_use_after_return=0";
}
}

namespace enlighten::arch::hosted {
namespace {

// The entry takes no arguments.
thread_local Fiber* starting = nullptr;

// Of fibers that are gone: a search starts millions, and mapping takes longer than what most of them do.
thread_local std::vector<std::byte*> free_stacks;

constexpr std::size_t guard_size = 4096;

// The lowest byte of `size` ones, with a page below that nobody can touch.
std::byte* take_stack(std::size_t size) {
  if (!free_stacks.empty()) {
    std::byte* const stack = free_stacks.back();
    free_stacks.pop_back();
    return stack;
  }
  void* const place =
      mmap(nullptr, guard_size + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (place == MAP_FAILED || mprotect(place, guard_size, PROT_NONE) != 0) {
    std::perror("enlighten: no stack for a fiber");
    std::abort();
  }
  return static_cast<std::byte*>(place) + guard_size;
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
  // Who had it before may have left it in the middle of anything.
  if (__asan_unpoison_memory_region != nullptr) {
    __asan_unpoison_memory_region(stack_, stack_size);
  }
  inside_.begin_at(stack_, stack_size, &Fiber::start);
}

Fiber::~Fiber() {
  free_stacks.push_back(stack_);
}

void Fiber::start() {
  Fiber& self = *starting;
  after_switch(nullptr, &self.outside_stack_, &self.outside_stack_size_);
  self.body_();
  self.done_ = true;
  before_switch(nullptr, self.outside_stack_, self.outside_stack_size_);
  Stack_place::go(self.inside_, self.outside_);
}

void Fiber::enter() {
  starting = this;
  void* fake_stack = nullptr;
  before_switch(&fake_stack, stack_, stack_size);
  Stack_place::go(outside_, inside_);
  after_switch(fake_stack, nullptr, nullptr);
}

void Fiber::leave() {
  void* fake_stack = nullptr;
  before_switch(&fake_stack, outside_stack_, outside_stack_size_);
  Stack_place::go(inside_, outside_);
  after_switch(fake_stack, &outside_stack_, &outside_stack_size_);
}

}  // namespace enlighten::arch::hosted
