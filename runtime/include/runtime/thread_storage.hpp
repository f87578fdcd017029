// SPDX-License-Identifier: MIT
// thread_local variables: one copy for each CPU.
#pragma once

#include <cstddef>

namespace enlighten::runtime {

// What one CPU needs, with the control block before it.
[[nodiscard]] std::size_t thread_storage_size() noexcept;

// Makes `storage`, of that size, the initial copy.
void fill_thread_storage(void* storage) noexcept;

}  // namespace enlighten::runtime
