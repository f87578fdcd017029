// SPDX-License-Identifier: MIT
// Steps for people, and as they stand in a list of programs.
#pragma once

#include <conformance/differential/step.hpp>
#include <report/line.hpp>

namespace enlighten::conformance::differential {

// {1, Operation::bind_ipi, {3, 2}} // vCPU 1: p3 = bind_ipi(vCPU 2)
void append_step(report::Line& line, const Step& step) noexcept;

}  // namespace enlighten::conformance::differential
