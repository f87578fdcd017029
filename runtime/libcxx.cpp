// SPDX-License-Identifier: MIT
// What compiled C++ and libstdc++'s headers ask of a library: memory, and a report for what must not happen.
#include <cstddef>
#include <cstdlib>
#include <new>

#include <runtime/panic.hpp>

namespace {

// Even nothing has an address of its own.
[[nodiscard]] void* allocate(std::size_t size) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}

[[nodiscard]] void* allocate_or_panic(std::size_t size) noexcept {
  void* const memory = allocate(size);
  if (memory == nullptr) {
    enlighten::runtime::panic("out of memory: operator new of %zu bytes", size);
  }
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate_or_panic(size);
}
void* operator new[](std::size_t size) {
  return allocate_or_panic(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}

const std::nothrow_t std::nothrow{};

void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

extern "C" {

[[noreturn]] void __cxa_pure_virtual() {
  enlighten::runtime::panic("a pure virtual function was called");
}

// Destructors of static objects: an image ends by shutting its domain down, with everything still in place.
int __cxa_atexit(void (*)(void*), void*, void*) {
  return 0;
}
void* __dso_handle = nullptr;

}  // extern "C"

// libstdc++ throws through these where exceptions are off ([libstdc++] functexcept.h).
namespace std {

void terminate() noexcept {
  enlighten::runtime::panic("std::terminate() was called");
}

[[noreturn]] void __throw_length_error(const char* what) {
  enlighten::runtime::panic("std::length_error: %s", what);
}
[[noreturn]] void __throw_logic_error(const char* what) {
  enlighten::runtime::panic("std::logic_error: %s", what);
}
[[noreturn]] void __throw_invalid_argument(const char* what) {
  enlighten::runtime::panic("std::invalid_argument: %s", what);
}
[[noreturn]] void __throw_out_of_range(const char* what) {
  enlighten::runtime::panic("std::out_of_range: %s", what);
}
[[noreturn]] void __throw_out_of_range_fmt(const char* what, ...) {
  enlighten::runtime::panic("std::out_of_range: %s", what);
}
[[noreturn]] void __throw_bad_alloc() {
  enlighten::runtime::panic("std::bad_alloc");
}
[[noreturn]] void __throw_bad_array_new_length() {
  enlighten::runtime::panic("std::bad_array_new_length");
}
[[noreturn]] void __throw_bad_function_call() {
  enlighten::runtime::panic("std::bad_function_call");
}
[[noreturn]] void __throw_bad_optional_access() {
  enlighten::runtime::panic("std::bad_optional_access");
}
[[noreturn]] void __throw_bad_variant_access(const char* what) {
  enlighten::runtime::panic("std::bad_variant_access: %s", what);
}

}  // namespace std
