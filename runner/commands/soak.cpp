// SPDX-License-Identifier: MIT
// `enlighten soak`: guests on the model, each in another order and with other rare events, for a given time.
#include <string>

#include <report/verdict.hpp>

#include <runner/build_tree.hpp>
#include <runner/commands.hpp>
#include <runner/places.hpp>
#include <runner/terminal.hpp>

namespace enlighten::runner {

int soak_command(const Soak_options& options) {
  Build_tree host{"host-test"};
  host.configure({});
  host.build({"on_model_soak"});
  Command command{
      .words = {(build_folder("host-test") / "tests" / "on_model" / "on_model_soak").string(), "--minutes",
                std::to_string(options.minutes), "--state", (source_tree() / "build" / "soak-next-seed").string()},
      .environment = {},
      .directory = {}};
  if (options.from != 0) {
    command.words.insert(command.words.end(), {"--from", std::to_string(options.from)});
  }
  const Exit_status status = run_in_view(command);
  return report::exit_code(status.success() ? report::Verdict::success : report::Verdict::failure);
}

}  // namespace enlighten::runner
