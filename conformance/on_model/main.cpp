// SPDX-License-Identifier: MIT
// The conformance suite as a program of the host: what the model answers, for any release it knows.
//
//   conformance_on_model [--release 4.17..4.22|master] [--silo on|off] [--subject NAME] [--schedule
//   random|priority|threads] [--seed N]
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include <conformance/bench.hpp>
#include <model/xen.hpp>
#include <model_machine/vcpu_runner.hpp>

#include "machine.hpp"

namespace {

using namespace enlighten;

struct Options {
  model::Xen_options xen;
  std::string_view subject;
  std::string_view schedule = "random";
  std::uint64_t seed = 1;
};

[[noreturn]] void usage(std::string_view what) {
  std::fprintf(stderr, "conformance_on_model: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(report::exit_code(report::Verdict::error));
}

[[nodiscard]] Options parse(int count, char** words) {
  Options options;
  for (int index = 1; index < count; index += 2) {
    const std::string_view key{words[index]};
    if (index + 1 == count) {
      usage("an option lacks its value");
    }
    const std::string_view value{words[index + 1]};
    if (key == "--release") {
      const std::optional<model::Release> release = model::release_named(value);
      if (!release) {
        usage("--release is one of 4.17, 4.18, 4.19, 4.20, 4.21, 4.22, master");
      }
      options.xen.release = *release;
    } else if (key == "--silo") {
      if (value != "on" && value != "off") {
        usage("--silo is on or off");
      }
      options.xen.silo = value == "on";
    } else if (key == "--subject") {
      options.subject = value;
    } else if (key == "--schedule") {
      options.schedule = value;
    } else if (key == "--seed") {
      options.seed = std::strtoull(words[index + 1], nullptr, 0);
    } else {
      usage("options are --release, --silo, --subject, --schedule and --seed");
    }
  }
  return options;
}

class Standard_output final : public report::Line_sink {
 public:
  void line(std::string_view text) noexcept override {
    std::printf("%.*s\n", static_cast<int>(text.size()), text.data());
  }
};

}  // namespace

int main(int count, char** words) {
  const Options options = parse(count, words);
  constexpr std::uint64_t most_steps = 50'000'000;
  Standard_output output;
  report::Verdict verdict = report::Verdict::crash;
  conformance::Model_machine* machine = nullptr;
  const auto runner = model_machine::make_runner(options.schedule, options.seed,
                                                 [&](model_machine::Model_vcpu&, const model::Vcpu_start& start) {
                                                   if (start.vcpu != Vcpu_id{0}) {
                                                     machine->sleep(start.vcpu, start.context);
                                                   } else if (machine->boot()) {
                                                     verdict = conformance::run(*machine, output, options.subject);
                                                   }
                                                 });
  if (runner == nullptr) {
    usage("--schedule is random, priority or threads");
  }
  model::Xen xen{*runner, options.xen};
  model::Domain& domain = xen.create({.vcpus = 4});
  // Cases do on purpose what a guest is blamed for.
  domain.set_checking(false);
  conformance::Model_machine the_machine{domain};
  machine = &the_machine;
  runner->start(domain, {Vcpu_id{0}, 0, 0});
  if (runner->run(most_steps) != model_machine::Outcome::done) {
    output.line(runner->story());
    return report::exit_code(report::Verdict::crash);
  }
  return report::exit_code(verdict);
}
