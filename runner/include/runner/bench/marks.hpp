// SPDX-License-Identifier: MIT
// What bench/counter writes about one boot, and the figures that come out of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace enlighten::runner {

// Executed, or counted otherwise, from the guest's first instruction on.
struct Counts {
  std::uint64_t guest = 0;  // instructions
  std::uint64_t xen = 0;    // instructions, of all CPUs, its idle loop included
  std::uint64_t entries = 0;
  std::uint64_t hypercalls = 0;
  std::uint64_t firmware_calls = 0;
  std::uint64_t chain = 0;  // instructions of the guest, one after the other, until the last vCPU was online
};

struct Mark {
  enum class Kind : std::uint8_t { begin, end, reached, found };
  Kind kind;
  std::string name;
  std::uint64_t value = 0;
  Counts counts;
};

// Throws Failure for a line that is none of the counter's.
[[nodiscard]] std::vector<Mark> read_marks(std::string_view text);

// One figure of one boot: so much of `what` for one `name`.
struct Figure {
  std::string name;
  std::string what;  // "guest", "xen", "entries", "hypercalls", "firmware calls", "chain", or "value"
  double amount = 0;
};

// In the order of the marks; of a name that was measured several times the last, when all is warm; of values the
// largest. Throws Failure for a beginning without an end.
[[nodiscard]] std::vector<Figure> figures_of(const std::vector<Mark>& marks);

}  // namespace enlighten::runner
