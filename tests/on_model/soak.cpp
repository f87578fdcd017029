// SPDX-License-Identifier: MIT
// Guests on the model, one after the other, each with another seed:
// on_model_soak [--from SEED] [--count N] [--minutes M] [--state FILE]
//
// A seed decides everything: how many vCPUs, in which order they are described and which one boots, the event ABI,
// what they do, the schedule, and which rare things happen. Prints the first seed that did not end well, with what
// each vCPU was doing. FILE keeps the seed to go on from; --from is stronger.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <random>
#include <string_view>
#include <vector>

#include "programs.hpp"

namespace enlighten::on_model {
namespace {

struct Limits {
  std::uint64_t from = 0;     // 0: as the file says, or 1
  std::uint64_t count = 0;    // 0: no end
  std::uint64_t minutes = 0;  // 0: no end
  const char* state = nullptr;
};

struct Case {
  Guest_options options;
  const char* schedule;
  bool hotplug;
  std::uint32_t rounds;
};

Case make_case(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  Case one;
  constexpr std::uint32_t sizes[] = {1, 2, 2, 3, 4, 4, 4, 8, 17};
  one.options.vcpus = sizes[random() % std::size(sizes)];
  std::vector<std::uint32_t>& order = one.options.order.emplace(one.options.vcpus);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::shuffle(order, random);
  one.options.boot = Vcpu_id{static_cast<std::uint32_t>(random() % one.options.vcpus)};
  using enum guest::Event_preference;
  one.options.events = random() % 2 == 0 ? fifo : two_level;
  one.options.xen.release = static_cast<model::Release>(random() % 7);
  one.schedule = random() % 2 == 0 ? "random" : "priority";
  one.hotplug = one.options.vcpus > 1 && random() % 2 == 0;
  one.rounds = static_cast<std::uint32_t>(1 + random() % 4);
  one.options.faults.seed = seed;
  one.options.faults.spurious_upcalls = random() % 2 == 0 ? 50 : 0;
  one.options.faults.no_memory = random() % 8 == 0 ? 20 : 0;
  one.options.faults.late_upcalls = random() % 2 == 0 ? 200 : 0;
  one.options.faults.preemptions = random() % 2 == 0 ? 200 : 0;
  one.options.faults.late_vcpus = random() % 2 == 0 ? 300 : 0;
  one.options.faults.absent_vcpus = random() % 16 == 0 ? 100 : 0;
  one.options.faults.lingering_vcpus = random() % 2 == 0 ? 500 : 0;
  return one;
}

// A guest that was refused memory, or whose vCPU never began, may end saying so; it may not hang, or go on as if
// nothing had been.
bool is_well(const Case& one, const Ending& ending) {
  const auto says = [&](const char* what) {
    return ending.outcome == model_machine::Outcome::blamed && ending.story.find(what) != std::string::npos;
  };
  return ending.calm || (one.options.faults.no_memory != 0 && says("ENOMEM")) ||
         (one.options.faults.absent_vcpus != 0 && says("has not come up"));
}

void describe(std::uint64_t seed, const Case& one, const Ending& ending) {
  std::printf("seed %llu: %s\n%s with %u vCPUs, booted on vCPU %u, %s, release %u, schedule %s\n%s",
              static_cast<unsigned long long>(seed), words(ending.outcome), one.hotplug ? "hotplug" : "storm",
              one.options.vcpus, one.options.boot.value(),
              one.options.events == guest::Event_preference::fifo ? "fifo" : "2-level",
              static_cast<unsigned>(one.options.xen.release), one.schedule, ending.story.c_str());
}

std::uint64_t first_seed(const Limits& limits) {
  std::uint64_t seed = limits.from;
  if (seed == 0 && limits.state != nullptr) {
    std::ifstream{limits.state} >> seed;
  }
  return seed == 0 ? 1 : seed;
}

void keep(const Limits& limits, std::uint64_t seed) {
  if (limits.state != nullptr && !(std::ofstream{limits.state} << seed << '\n')) {
    std::fprintf(stderr, "%s cannot be written\n", limits.state);
  }
}

int soak(const Limits& limits) {
  const auto begun = std::chrono::steady_clock::now();
  auto told = begun;
  const std::uint64_t first = first_seed(limits);
  std::uint64_t seed = first;
  for (;; ++seed) {
    const auto now = std::chrono::steady_clock::now();
    if ((limits.count != 0 && seed - first == limits.count) ||
        (limits.minutes != 0 && now - begun >= std::chrono::minutes{limits.minutes})) {
      break;
    }
    if (now - told >= std::chrono::seconds{10}) {
      told = now;
      std::printf("%llu guests so far\n", static_cast<unsigned long long>(seed - first));
      std::fflush(stdout);
      keep(limits, seed);
    }
    const Case one = make_case(seed);
    const Ending ending = one.hotplug ? turn_off_and_on(one.options, one.schedule, seed, one.rounds)
                                      : storm(one.options, one.schedule, seed, one.rounds);
    if (!is_well(one, ending)) {
      describe(seed, one, ending);
      keep(limits, seed);
      return EXIT_FAILURE;
    }
  }
  keep(limits, seed);
  std::printf("%llu guests, seeds %llu to %llu: nothing lost, nothing hung\n",
              static_cast<unsigned long long>(seed - first), static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(seed - 1));
  return EXIT_SUCCESS;
}

// False if it is none.
bool read_number(const char* text, std::uint64_t& number) {
  char* end = nullptr;
  number = std::strtoull(text, &end, 10);
  return end != text && *end == '\0';
}

}  // namespace
}  // namespace enlighten::on_model

int main(int count, char** arguments) {
  enlighten::on_model::Limits limits;
  for (int index = 1; index < count; index += 2) {
    const std::string_view name{arguments[index]};
    std::uint64_t* const number = name == "--from"      ? &limits.from
                                  : name == "--count"   ? &limits.count
                                  : name == "--minutes" ? &limits.minutes
                                                        : nullptr;
    if (name == "--state" && index + 1 < count) {
      limits.state = arguments[index + 1];
      continue;
    }
    if (number == nullptr || index + 1 == count ||
        !enlighten::on_model::read_number(arguments[index + 1], *number)) {
      std::fputs("usage: on_model_soak [--from SEED] [--count N] [--minutes M] [--state FILE]\n", stderr);
      return 2;
    }
  }
  return enlighten::on_model::soak(limits);
}
