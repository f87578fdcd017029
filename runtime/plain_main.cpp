// SPDX-License-Identifier: MIT
// guest_main() for programs that have a main(). Linked only where there is no other one.
#include <runtime/program.hpp>

// C++ does not let a program call main() by its name ([c++23] basic.start.main); the build knows what the linker
// calls it.
int program_main() asm(ENLIGHTEN_PROGRAM_MAIN);

enlighten::runtime::Task<int> guest_main(enlighten::runtime::Guest&) {
  co_return program_main();
}
