// SPDX-License-Identifier: MIT
// Finds free RAM, bank by bank, upwards.
#include <guest/free_memory.hpp>

#include <algorithm>
#include <utility>

namespace enlighten::guest {

Result<std::optional<Memory_range>> Taken_walk::next() noexcept {
  if (step_ < loaded_.size()) {
    return whole_pages(loaded_[step_++]);
  }
  const std::optional<Memory_range> range = ENLIGHTEN_TRY(reserved_.next());
  return range ? std::optional{whole_pages(*range)} : std::nullopt;
}

// Each turn takes the walk on: past something that is taken, to the end of a free range, or into the next bank.
Result<std::optional<Memory_range>> Free_walk::next() noexcept {
  for (;;) {
    if (at_ >= bank_end_) {
      const auto bank = ENLIGHTEN_TRY(banks_.next());
      if (!bank) {
        return std::nullopt;
      }
      at_ = round_up(bank->base, abi::page_size);
      bank_end_ = round_down(bank->base + bank->size, abi::page_size);
    }
    std::uint64_t end = bank_end_;
    Taken_walk walk = taken_;
    while (const auto taken = ENLIGHTEN_TRY(walk.next())) {
      const std::uint64_t taken_end = taken->base + taken->size;
      if (taken->base > at_) {
        end = taken->size == 0 ? end : std::min(end, taken->base);
      } else if (taken_end > at_) {
        at_ = taken_end;
      }
    }
    if (end > at_) {
      const std::uint64_t start = std::exchange(at_, end);
      return Memory_range{start, end - start};
    }
  }
}

}  // namespace enlighten::guest
