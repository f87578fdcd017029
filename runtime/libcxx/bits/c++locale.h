// SPDX-License-Identifier: MIT
// What libstdc++'s headers declare of a C library's locales, as its generic model has it; an image has none.
#pragma once

#define _GLIBCXX_C_LOCALE_GNU 0
#define _GLIBCXX_NUM_CATEGORIES 0

namespace std {
using __c_locale = int*;
}  // namespace std
