// SPDX-License-Identifier: MIT
// Random programs on the model.
#pragma once

#include <cstdint>

#include <conformance/differential/session.hpp>
#include <model/xen.hpp>

namespace enlighten::conformance {

// `order` is the seed of who goes next whenever two vCPUs could: no answer depends on it.
[[nodiscard]] report::Verdict run_on_model(const differential::Request& request, const model::Xen_options& options,
                                           std::uint64_t order, report::Line_sink& output);

}  // namespace enlighten::conformance
