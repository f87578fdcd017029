// SPDX-License-Identifier: MIT
// Where guest code is: the functions on a vCPU's stack, by name, file and line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace enlighten::model_machine {

class Call_stack {
 public:
  // Of the calling vCPU. Cheap: names are looked up by words().
  [[nodiscard]] static Call_stack here();

  [[nodiscard]] bool empty() const noexcept { return addresses_.empty(); }
  // A line for each function, the innermost first, without those of the model and of the C++ library; `indent`
  // stands before each.
  [[nodiscard]] std::string words(const char* indent) const;

 private:
  std::vector<std::uintptr_t> addresses_;
};

}  // namespace enlighten::model_machine
