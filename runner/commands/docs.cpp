// SPDX-License-Identifier: MIT
// `enlighten docs`: makes the reference of the public headers.
#include <cstdio>

#include <fmt/format.h>

#include <runner/commands.hpp>
#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/terminal.hpp>

namespace enlighten::runner {

int docs_command() {
  if (!find_program("doxygen")) {
    throw Failure{"doxygen is not installed; ./enlighten docs installs it, or as root: apt-get install doxygen"};
  }
  const auto output = source_tree() / "build" / "docs";
  make_folder(output);
  Step step{"making the reference"};
  const Completed completed = step.run({.words = {"doxygen", (source_tree() / "docs" / "Doxyfile").string()},
                                        .environment = {{"ENLIGHTEN_DOCS", output.string()}},
                                        .directory = source_tree()});
  if (!completed.status.success()) {
    fmt::print(stderr, "\n{}", completed.error);
    throw Failure{"the reference could not be made: doxygen ended {}; its messages are above",
                  completed.status.text()};
  }
  step.done();
  fmt::print("{}\n", (output / "html" / "index.html").string());
  return 0;
}

}  // namespace enlighten::runner
