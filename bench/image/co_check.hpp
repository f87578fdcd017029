// SPDX-License-Identifier: MIT
// The check of ENLIGHTEN_TRY for coroutines, as a statement: in an expression GCC 12 cannot compile co_return.
#pragma once

#include <base/result.hpp>

// Runs `expression`, a Result<>; an error of it is what the coroutine returns.
#define ENLIGHTEN_CO_CHECK(expression)                     \
  do {                                                     \
    if (const Result<> checked = (expression); !checked) { \
      co_return checked.error();                           \
    }                                                      \
  } while (false)
