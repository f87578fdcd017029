// SPDX-License-Identifier: MIT
// The conformance suite as a program of the host: what the model answers, for any release it knows.
//
//   conformance_on_model [--release 4.17..4.22|master] [--silo on|off] [--domains 1|2] [--subject NAME]
//                        [--schedule random|priority|threads] [--seed N]
//
// Of two domains, what the first says comes first.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <conformance/bench.hpp>
#include <conformance/peer.hpp>
#include <model/xen.hpp>
#include <model_machine/vcpu_runner.hpp>

#include "machine.hpp"
#include "standard_output.hpp"

namespace {

using namespace enlighten;

struct Options {
  model::Xen_options xen;
  std::string_view subject;
  std::string_view schedule = "random";
  bool pair = false;
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
    } else if (key == "--domains") {
      if (value != "1" && value != "2") {
        usage("--domains is 1 or 2");
      }
      options.pair = value == "2";
    } else if (key == "--subject") {
      options.subject = value;
    } else if (key == "--schedule") {
      options.schedule = value;
    } else if (key == "--seed") {
      options.seed = std::strtoull(words[index + 1], nullptr, 0);
    } else {
      usage("options are --release, --silo, --domains, --subject, --schedule and --seed");
    }
  }
  return options;
}

// What one of two domains says waits here until the other one has said all.
class Kept_output final : public report::Line_sink {
 public:
  void line(std::string_view text) noexcept override { text_.append(text).append("\n"); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// A domain with what runs on its vCPU 0.
class Tested_domain {
 public:
  using Program = std::function<report::Verdict(conformance::Machine&)>;

  Tested_domain(model::Xen& xen, Program program)
      : domain_{xen.create({.vcpus = 4})}, machine_{domain_}, program_{std::move(program)} {
    // Cases do on purpose what a guest is blamed for.
    domain_.set_checking(false);
  }

  [[nodiscard]] model::Domain& domain() { return domain_; }
  [[nodiscard]] report::Verdict verdict() const { return verdict_; }
  void run(const model::Vcpu_start& start) {
    if (start.vcpu != Vcpu_id{0}) {
      machine_.sleep(start.vcpu, start.context);
    } else if (machine_.boot()) {
      verdict_ = program_(machine_);
    }
  }

 private:
  model::Domain& domain_;
  conformance::Model_machine machine_;
  Program program_;
  report::Verdict verdict_ = report::Verdict::crash;
};

void connect(Tested_domain& first, Tested_domain& second) {
  for (const conformance::Static_channel& channel : conformance::static_channel::all) {
    if (first.domain().events().connect_static(channel.first, second.domain().events(), channel.second) != 0) {
      usage("the model refuses a static event channel");
    }
  }
}

[[nodiscard]] int run_cases(const Options& options) {
  constexpr std::uint64_t most_steps = 50'000'000;
  conformance::Standard_output output;
  Kept_output output_of_second;
  std::vector<std::unique_ptr<Tested_domain>> tested;
  const auto runner = model_machine::make_runner(
      options.schedule, options.seed, [&](model_machine::Model_vcpu& vcpu, const model::Vcpu_start& start) {
        for (const auto& one : tested) {
          if (&one->domain() == &vcpu.domain()) {
            one->run(start);
          }
        }
      });
  if (runner == nullptr) {
    usage("--schedule is random, priority or threads");
  }
  model::Xen xen{*runner, options.xen};
  if (options.pair) {
    const auto side_of = [](conformance::Side side, report::Line_sink& sink) {
      return [side, &sink](conformance::Machine& machine) { return conformance::run_side(machine, side, sink); };
    };
    tested.push_back(std::make_unique<Tested_domain>(xen, side_of(conformance::Side::first, output)));
    tested.push_back(std::make_unique<Tested_domain>(xen, side_of(conformance::Side::second, output_of_second)));
    connect(*tested.front(), *tested.back());
  } else {
    tested.push_back(std::make_unique<Tested_domain>(
        xen, [&](conformance::Machine& machine) { return conformance::run(machine, output, options.subject); }));
  }
  for (const auto& one : tested) {
    runner->start(one->domain(), {Vcpu_id{0}, 0, 0});
  }
  const model_machine::Outcome outcome = runner->run(most_steps);
  std::printf("%s", output_of_second.text().c_str());
  if (outcome != model_machine::Outcome::done) {
    output.line(runner->story());
    return report::exit_code(report::Verdict::crash);
  }
  // The worse of two: success is 0.
  int code = 0;
  for (const auto& one : tested) {
    code = std::max(code, report::exit_code(one->verdict()));
  }
  return code;
}

}  // namespace

int main(int count, char** words) {
  return run_cases(parse(count, words));
}
