// SPDX-License-Identifier: MIT
// Tells what a guest touched that is not there, at the moment it does.
#pragma once

namespace enlighten::model {

class Physical_map;

// While it is known here, a fault within `map` is explained on standard error before the process ends as it would.
void explain_faults_in(const Physical_map& map);
void explain_faults_no_more(const Physical_map& map);

}  // namespace enlighten::model
