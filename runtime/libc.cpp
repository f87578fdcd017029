// SPDX-License-Identifier: MIT
// What picolibc asks of the system below it: memory, locks, standard output, and an end.
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <sys/lock.h>
#include <unistd.h>

#include <guest/spin_lock.hpp>
#include <runtime/console.hpp>
#include <runtime/memory.hpp>
#include <runtime/output.hpp>
#include <runtime/panic.hpp>

// picolibc's one lock guards malloc. It is asked for recursively only where a function that holds it calls another
// one that takes it, on the same CPU.
struct __lock {
  enlighten::guest::Spin_lock lock;
  std::uint32_t owner;  // CPU index + 1; only its own CPU can read its own mark here
  std::uint32_t depth;
};

namespace {

constexpr std::uint32_t nobody = 0;

[[nodiscard]] std::uint32_t me() noexcept {
  return enlighten::guest::cpu_local().cpu.value() + 1;
}

}  // namespace

struct __lock __lock___libc_recursive_mutex{};

extern "C" {

void __retarget_lock_init(_LOCK_T*) {}
void __retarget_lock_init_recursive(_LOCK_T*) {}
void __retarget_lock_close(_LOCK_T) {}
void __retarget_lock_close_recursive(_LOCK_T) {}

void __retarget_lock_acquire_recursive(_LOCK_T lock) {
  const std::atomic_ref owner{lock->owner};
  if (owner.load(std::memory_order_relaxed) != me()) {
    lock->lock.lock();
    owner.store(me(), std::memory_order_relaxed);
  }
  ++lock->depth;
}

void __retarget_lock_release_recursive(_LOCK_T lock) {
  if (--lock->depth == 0) {
    std::atomic_ref{lock->owner}.store(nobody, std::memory_order_relaxed);
    lock->lock.unlock();
  }
}

void __retarget_lock_acquire(_LOCK_T lock) {
  __retarget_lock_acquire_recursive(lock);
}
void __retarget_lock_release(_LOCK_T lock) {
  __retarget_lock_release_recursive(lock);
}

void* sbrk(ptrdiff_t bytes) {
  void* const old = enlighten::runtime::memory().grow_heap(bytes);
  if (old == nullptr) {
    errno = ENOMEM;
    return reinterpret_cast<void*>(-1);
  }
  return old;
}

void abort() {
  enlighten::runtime::panic("abort() was called");
}

// The objects of Debian's libfdt were built with stack protection.
std::uintptr_t __stack_chk_guard = 0x9f3e'61c5'00ff'0a2dULL;
[[noreturn]] void __stack_chk_fail() {
  enlighten::runtime::panic("a stack frame of the C library was overwritten");
}

}  // extern "C"

namespace {

int put(char character, FILE*) {
  enlighten::runtime::put_character(character);
  return static_cast<unsigned char>(character);
}

// FDEV_SETUP_STREAM() names all members but one, which clang takes for forgotten.
FILE standard_output{.unget = 0, .flags = _FDEV_SETUP_WRITE, .put = put, .get = nullptr, .flush = nullptr};

}  // namespace

FILE* const stdout = &standard_output;
FILE* const stderr = &standard_output;
