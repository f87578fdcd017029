// SPDX-License-Identifier: MIT
// What all operations on grants have in common: they come in arrays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <model/grant_table.hpp>

#include "arguments.hpp"

namespace enlighten::model {

// Does `action` to each of `count` operations and writes its status back; the first that cannot be read or written
// ends the call, with those before it done.
template <typename Operation, typename Action>
std::int64_t Grant_table::each(std::uint64_t address, std::uint32_t count, Action action) {
  for (std::uint32_t index = 0; index < count; ++index) {
    static_cast<void>(domain_.turns().preempted());
    const std::uint64_t at = address + std::uint64_t{index} * sizeof(Operation);
    const std::optional<Operation> operation = arguments::read<Operation>(domain_, at);
    if (!operation || !arguments::write(domain_, at + offsetof(Operation, status), action(*operation))) {
      return arguments::refusal(abi::Errno::efault);
    }
  }
  return 0;
}

}  // namespace enlighten::model
