// SPDX-License-Identifier: MIT
// What a guest can see of Xen's doing in memory: every word that Xen may have written.
#pragma once

#include <cstdint>

#include <report/line.hpp>

#include "scene.hpp"

namespace enlighten::conformance::differential {

// Of all of it, with what is there.
[[nodiscard]] std::uint32_t digest(Scene& scene) noexcept;

// Each word that is not 0, by the name of its place: "m PROGRAM WHAT VALUE".
void tell_memory(Scene& scene, std::uint32_t program, report::Line_sink& sink) noexcept;

}  // namespace enlighten::conformance::differential
