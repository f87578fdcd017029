// SPDX-License-Identifier: MIT
// printf() on the host goes where it goes on a machine: line by line to the guest's console.
#include <sys/types.h>
#include <unistd.h>

#include <cstdio>

#include <arch/hosted_machine.hpp>
#include <runtime/output.hpp>

namespace enlighten::runtime {
namespace {

// Whoever plays the machine prints, too, and is on no vCPU.
ssize_t put(void* /*cookie*/, const char* characters, std::size_t count) {
  if (arch::hosted::machine_if_any() == nullptr) {
    return write(STDOUT_FILENO, characters, count);
  }
  for (std::size_t index = 0; index < count; ++index) {
    put_character(characters[index]);
  }
  return static_cast<ssize_t>(count);
}

}  // namespace

// As the program is loaded; linked into every guest of the host's by its name. Unbuffered, so that a vCPU that is
// switched away from in the middle of a line leaves nothing in a buffer that the next one would go on filling: a
// line in the making is the vCPU's own.
extern "C" [[gnu::constructor]] void enlighten_redirect_standard_output() {
  std::FILE* const console = fopencookie(nullptr, "w", {nullptr, put, nullptr, nullptr});
  if (console != nullptr) {
    std::setvbuf(console, nullptr, _IONBF, 0);
    stdout = console;
  }
}

}  // namespace enlighten::runtime
