// SPDX-License-Identifier: MIT
// What panic() is on the host: the text, and the end of the test program.
#include <runtime/panic.hpp>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace enlighten::runtime {

void panic(const char* format, ...) noexcept {
  std::va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fputc('\n', stderr);
  std::abort();
}

}  // namespace enlighten::runtime
