// SPDX-License-Identifier: MIT
// What records the work of an executor on the host: nothing, for no test has a CPU that traces.
#include <runtime/trace.hpp>

#include <cstdlib>

namespace enlighten::runtime {

extern "C" {

void enlighten_trace_work(const Work&) noexcept {
  std::abort();
}
void enlighten_trace_coroutine(const void*) noexcept {
  std::abort();
}

}  // extern "C"

}  // namespace enlighten::runtime
