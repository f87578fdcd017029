// SPDX-License-Identifier: MIT
// Copies the initial values of thread_local variables from the image.
#include <runtime/thread_storage.hpp>

#include <cstring>

namespace enlighten::runtime {
namespace {

// [aapcs64] TLS variant 1: two pointers, which nobody here uses.
constexpr std::size_t control_block = 16;

}  // namespace

extern "C" {
extern const std::byte enlighten_thread_data[];
extern const std::byte enlighten_thread_data_end[];
extern const std::byte enlighten_thread_storage_end[];
}

std::size_t thread_storage_size() noexcept {
  return control_block + static_cast<std::size_t>(enlighten_thread_storage_end - enlighten_thread_data);
}

void fill_thread_storage(void* storage) noexcept {
  const auto initial = static_cast<std::size_t>(enlighten_thread_data_end - enlighten_thread_data);
  auto* const bytes = static_cast<std::byte*>(storage);
  std::memset(bytes, 0, thread_storage_size());
  std::memcpy(bytes + control_block, enlighten_thread_data, initial);
}

}  // namespace enlighten::runtime
