// SPDX-License-Identifier: MIT
// operator new and delete for types of more than the usual alignment, linked into the programs that have one.
#include <cstddef>
#include <cstdlib>
#include <new>

#include <runtime/panic.hpp>

namespace {

[[nodiscard]] void* allocate(std::size_t size, std::align_val_t alignment) noexcept {
  const auto unit = static_cast<std::size_t>(alignment);
  return std::aligned_alloc(unit, (size + (size == 0 ? 1 : 0) + unit - 1) & ~(unit - 1));
}

[[nodiscard]] void* allocate_or_panic(std::size_t size, std::align_val_t alignment) noexcept {
  void* const memory = allocate(size, alignment);
  if (memory == nullptr) {
    enlighten::runtime::panic("out of memory: operator new of %zu bytes", size);
  }
  return memory;
}

}  // namespace

void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_or_panic(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate_or_panic(size, alignment);
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate(size, alignment);
}

void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(memory);
}
