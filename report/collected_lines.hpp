// SPDX-License-Identifier: MIT
// For tests: a sink that keeps every line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <report/line.hpp>

namespace enlighten::report {

class Collected_lines final : public Line_sink {
 public:
  void line(std::string_view text) noexcept override { lines.emplace_back(text); }

  std::vector<std::string> lines;
};

}  // namespace enlighten::report
