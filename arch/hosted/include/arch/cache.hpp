// SPDX-License-Identifier: MIT
// Cache maintenance, of which a host process needs none: all its threads see memory through coherent caches.
#pragma once

#include <cstddef>

namespace enlighten::arch {

inline void clean_to_coherency(const void* /*start*/, std::size_t /*size*/) noexcept {}
inline void clean_and_invalidate_to_coherency(const void* /*start*/, std::size_t /*size*/) noexcept {}
inline void invalidate_to_coherency(const void* /*start*/, std::size_t /*size*/) noexcept {}
inline void synchronize_code(const void* /*start*/, std::size_t /*size*/) noexcept {}

}  // namespace enlighten::arch
