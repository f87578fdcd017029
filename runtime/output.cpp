// SPDX-License-Identifier: MIT
// Collects the C library's output into lines, one CPU apart from the other.
#include <runtime/output.hpp>

#include <runtime/console.hpp>
#include <runtime/vcpu.hpp>

namespace enlighten::runtime {

void put_character(char character) noexcept {
  report::Line& line = this_vcpu().output;
  if (character != '\n') {
    line.character(character);
    if (line.room() != 0) {
      return;
    }
  }
  console().line(line.view());
  line.truncate(0);
}

}  // namespace enlighten::runtime
