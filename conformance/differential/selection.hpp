// SPDX-License-Identifier: MIT
// Which programs a request is for, and which steps of them.
#pragma once

#include <cstdint>
#include <optional>

#include <conformance/differential/session.hpp>
#include <conformance/differential/step.hpp>

namespace enlighten::conformance::differential {

class Selection {
 public:
  explicit Selection(const Request& request) noexcept : request_{request}, rest_{request.only} {}

  // Steps that are not selected are left out. Empty at the end, or where the request is not understood: broken()
  // then says so.
  [[nodiscard]] std::optional<Program> next() noexcept;
  [[nodiscard]] bool broken() const noexcept { return broken_; }

 private:
  [[nodiscard]] std::optional<Program> next_of_list() noexcept;

  Request request_;
  std::string_view rest_;
  std::uint32_t index_ = 0;
  bool broken_ = false;
};

}  // namespace enlighten::conformance::differential
