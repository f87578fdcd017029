// SPDX-License-Identifier: MIT
// How a vchan's end behaves to others of its vCPU, and to an end that is lost without a word.
#pragma once

#include <base/ids.hpp>
#include <report/ktap.hpp>
#include <runtime/guest.hpp>
#include <runtime/task.hpp>

namespace vchan {

// By one domain, `own`, that has both ends.
[[nodiscard]] enlighten::runtime::Task<> show_manners(enlighten::report::Ktap& ktap,
                                                      enlighten::runtime::Guest& guest, enlighten::Domain_id own);

}  // namespace vchan
