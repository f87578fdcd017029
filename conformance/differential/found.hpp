// SPDX-License-Identifier: MIT
// Programs in which real Xen and the model once differed, with what Xen answers: they must not do so again.
#pragma once

#include <report/verdict.hpp>

#include "scene.hpp"

namespace enlighten::conformance::differential {

// As KTAP, one test a program; skipped on another release than the one it was seen on.
[[nodiscard]] report::Verdict run_found(Scene& scene, Workers& workers, report::Line_sink& sink) noexcept;

}  // namespace enlighten::conformance::differential
