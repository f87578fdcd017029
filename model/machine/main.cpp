// SPDX-License-Identifier: MIT
// main() of every guest that is built for the host: makes the domain it runs in, and runs its vCPUs.
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>

#include <arch/hosted_image.hpp>
#include <arch/hosted_machine.hpp>
#include <model/domain_tree.hpp>
#include <model/xen.hpp>
#include <model/xenstored.hpp>
#include <model_machine/vcpu_runner.hpp>

#include "seeds.hpp"

namespace enlighten::model_machine {
namespace {

// As the runner's verdicts: report/ is the guest's, and nothing here reads what it prints.
constexpr int exit_error = 4;
constexpr int exit_crash = 6;

struct Options {
  std::uint32_t vcpus = 4;
  std::uint64_t memory_mib = 128;
  std::uint32_t gic = 3;
  std::uint32_t boot_vcpu = 0;
  std::uint64_t seed = 1;
  // Some half a minute; a guest that sleeps takes none.
  std::uint64_t steps = 100'000'000;
  std::string_view schedule = "random";
  std::string_view release = "4.17";
  std::string_view maker = "xen";
  std::string_view xenstored = "honest";
  std::string_view regions = "named";
  std::string_view arguments;
  int seeds = -1;
};

constexpr const char* usage =
    "options of a guest on the model of Xen, each with its value:\n"
    "  --vcpus N       1 to 128, with GICv2 to 8; 4\n"
    "  --memory MIB    4 to 224; 128\n"
    "  --gic 2|3       3\n"
    "  --boot-vcpu N   the vCPU that boots; 0\n"
    "  --release R     which Xen: 4.17 to 4.22, or master; 4.17\n"
    "  --maker xen|xl  who makes the domain: Xen as it boots, or xl, with xenstore; xen\n"
    "  --xenstored K   honest, or hostile: what xl's xenstored sends is spoilt now and then; honest\n"
    "  --regions K     named or none: whether the device tree names addresses at which nothing is; named\n"
    "  --schedule S    who goes next: random, priority for few switches in unlikely places, or threads for\n"
    "                  each vCPU on a thread, in no order of ours; random\n"
    "  --seed N        decides every choice of the schedule; 1\n"
    "  --seeds FD      runs once for each seed that comes over this descriptor, in a process of its own; of eight\n"
    "                  bytes each, answered by four: how it ended, as waitpid() tells\n"
    "  --steps N       the most steps of all vCPUs together; 100000000\n"
    "  --args TEXT     boot arguments\n";

[[noreturn]] void refuse(std::string_view what, std::string_view value) {
  std::fprintf(stderr, "enlighten: %.*s %.*s cannot be\n%s", static_cast<int>(what.size()), what.data(),
               static_cast<int>(value.size()), value.data(), usage);
  std::exit(exit_error);
}

template <typename Number>
[[nodiscard]] Number number(std::string_view key, std::string_view value, Number least, Number most) {
  Number result = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
  if (error != std::errc{} || end != value.data() + value.size() || result < least || result > most) {
    refuse(key, value);
  }
  return result;
}

[[nodiscard]] Options parse(int count, char** words) {
  constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();
  // What a grant entry and a device tree leave room for in the space of one domain.
  constexpr std::uint64_t most_memory = 224;
  Options options;
  for (int index = 1; index < count; index += 2) {
    const std::string_view key{words[index]};
    const std::string_view value{index + 1 < count ? words[index + 1] : ""};
    if (key == "--vcpus") {
      options.vcpus = number(key, value, 1U, 128U);
    } else if (key == "--memory") {
      options.memory_mib = number(key, value, std::uint64_t{4}, most_memory);
    } else if (key == "--gic") {
      options.gic = number(key, value, 2U, 3U);
    } else if (key == "--boot-vcpu") {
      options.boot_vcpu = number(key, value, 0U, 127U);
    } else if (key == "--seed") {
      options.seed = number(key, value, std::uint64_t{0}, any);
    } else if (key == "--seeds") {
      options.seeds = number(key, value, 0, std::numeric_limits<int>::max());
    } else if (key == "--steps") {
      options.steps = number(key, value, std::uint64_t{1}, any);
    } else if (key == "--schedule") {
      options.schedule = value;
    } else if (key == "--release") {
      options.release = value;
    } else if (key == "--maker" && (value == "xen" || value == "xl")) {
      options.maker = value;
    } else if (key == "--xenstored" && (value == "honest" || value == "hostile")) {
      options.xenstored = value;
    } else if (key == "--regions" && (value == "named" || value == "none")) {
      options.regions = value;
    } else if (key == "--args") {
      options.arguments = value;
    } else {
      refuse("the option", key);
    }
  }
  if (options.boot_vcpu >= options.vcpus) {
    refuse("--boot-vcpu", "beyond --vcpus");
  }
  if (options.gic == 2 && options.vcpus > 8) {
    refuse("--vcpus", "beyond 8 with GICv2");
  }
  return options;
}

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written <= 0) {
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// What became of the domain, where nobody but the model could say it.
[[nodiscard]] int conclude(Outcome outcome, const model::Domain& domain, const Vcpu_runner& runner) {
  if (outcome == Outcome::done && domain.shut_down()) {
    return domain.shut_down() == abi::Shutdown_reason::crash ? exit_crash : EXIT_SUCCESS;
  }
  std::fprintf(stderr, "enlighten: %s\n%s",
               outcome == Outcome::done ? "every vCPU is off, and the domain was not shut down" : words(outcome),
               runner.story().c_str());
  return exit_crash;
}

// Ends the process with what came of it. Nothing is taken down, for an image is not: its static objects are what
// they were when its domain ended, and have no destructors that could still reach a Xen.
[[noreturn]] void run(const Options& options) {
  const std::optional<model::Release> release = model::release_named(options.release);
  if (!release) {
    refuse("--release", options.release);
  }
  const auto enter = [](Model_vcpu&, const model::Vcpu_start& start) {
    arch::hosted::enter_image(start.entry, start.context);
  };
  const std::unique_ptr<Vcpu_runner> runner = make_runner(options.schedule, options.seed, enter);
  if (!runner) {
    refuse("--schedule", options.schedule);
  }
  model::Xen xen{*runner, {.release = *release, .quirks = {}}};
  const std::uint64_t pages = (options.memory_mib << 20U) / abi::page_size;
  model::Domain& domain = xen.create({.vcpus = options.vcpus,
                                      .ram_pages = pages,
                                      .most_ram_pages = pages,
                                      .boot_vcpu = Vcpu_id{options.boot_vcpu},
                                      .gic = static_cast<model::Gic_version>(options.gic),
                                      .console = print});
  std::optional<model::Store_malice> malice;
  if (options.xenstored == "hostile") {
    malice.emplace(options.seed);
  }
  model::Xenstored xenstored{*runner, malice};
  if (options.maker == "xl") {
    xenstored.introduce(domain, "guest");
  }
  const std::uint64_t tree =
      model::place_tree(domain, options.arguments,
                        options.regions == "none" ? model::Extended_regions::none : model::Extended_regions::named);
  runner->start(domain, {Vcpu_id{options.boot_vcpu}, arch::hosted::image_entry(), tree});
  std::_Exit(conclude(runner->run(options.steps), domain, *runner));
}

}  // namespace
}  // namespace enlighten::model_machine

// The linker calls the program's own main() by another name: see cmake/Enlighten_hosted_guest.cmake.
extern "C" int __wrap_main(int count, char** words) {
  using namespace enlighten::model_machine;
  if (count == 2 && std::string_view{words[1]} == "--help") {
    std::fputs(usage, stderr);
    return EXIT_SUCCESS;
  }
  Options options = parse(count, words);
  if (options.seeds < 0) {
    run(options);
  }
  std::_Exit(run_for_each_seed(options.seeds, [&](std::uint64_t seed) {
    options.seed = seed;
    run(options);
  }));
}
