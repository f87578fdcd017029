// SPDX-License-Identifier: MIT
// Lines of a report on the standard output.
#pragma once

#include <cstdio>
#include <string_view>

#include <report/line.hpp>

namespace enlighten::conformance {

class Standard_output final : public report::Line_sink {
 public:
  void line(std::string_view text) noexcept override {
    std::printf("%.*s\n", static_cast<int>(text.size()), text.data());
  }
};

}  // namespace enlighten::conformance
