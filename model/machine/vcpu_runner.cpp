// SPDX-License-Identifier: MIT
// How a run ended, in words.
#include <model_machine/vcpu_runner.hpp>

namespace enlighten::model_machine {

const char* words(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return "done";
    case Outcome::blamed:
      return "the guest did what it may not";
    case Outcome::stuck:
      return "everybody waits";
    case Outcome::too_long:
      return "no end in sight";
  }
  return "";
}

}  // namespace enlighten::model_machine
