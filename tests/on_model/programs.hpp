// SPDX-License-Identifier: MIT
// What guests on the model do: storms of events, CPUs that go off and come on; and how that ended.
#pragma once

#include <cstdint>
#include <string>

#include "guest_on_model.hpp"

namespace enlighten::on_model {

struct Ending {
  model_machine::Outcome outcome;
  bool calm;  // it came to its end, and nothing was lost
  std::string story;
};

// `schedule` is a name that model_machine::make_runner() knows.

// All CPUs come up; then everybody sends `rounds` events to everybody, itself included, by each of up to three
// ports of everybody's.
[[nodiscard]] Ending storm(const Guest_options& options, const char* schedule, std::uint64_t seed,
                           std::uint32_t rounds, std::uint32_t ports = 3);

// The same with one event to each port, in every order with so many preemptions. `runs` orders had a calm ending,
// all of them if `ending` is calm.
struct Explored {
  std::uint64_t runs;
  Ending ending;
};
[[nodiscard]] Explored storm_in_every_order(const Guest_options& options, std::uint32_t ports,
                                            std::uint32_t preemptions);

// The boot CPU turns the others off and on, `rounds` times one of them, and sends to it before, while and after it
// is off. At least two vCPUs.
[[nodiscard]] Ending turn_off_and_on(const Guest_options& options, const char* schedule, std::uint64_t seed,
                                     std::uint32_t rounds);

}  // namespace enlighten::on_model
