// SPDX-License-Identifier: MIT
// What the first program of dom0 tells the runner, line by line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace enlighten::runner {

// The words are those of toolstack/dom0_init.sh.
struct Dom0_message {
  enum class Kind : std::uint8_t {
    said,
    created,
    refused,
    ended,
    script,
    script_ended,
    shell_ended,
    failed,
  };
  Kind kind;
  std::size_t guest = 0;  // of created, refused and ended: which, from 0
  int status = 0;         // of script_ended
  std::string text;       // of said, script and failed
};

// Nothing for a line that is none of them.
[[nodiscard]] std::optional<Dom0_message> read_dom0_message(std::string_view line);

}  // namespace enlighten::runner
