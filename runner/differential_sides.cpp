// SPDX-License-Identifier: MIT
// Boots the image of random programs, and runs the model as a program of the host.
#include <runner/differential_sides.hpp>

#include <sstream>

#include <fmt/format.h>
#include <report_host/judge.hpp>

#include <runner/boot.hpp>
#include <runner/build_tree.hpp>
#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/plan.hpp>
#include <runner/process.hpp>

namespace enlighten::runner {
namespace {

// conformance/differential/step.hpp: those that run steps, and those that stay off.
constexpr unsigned vcpus = 6;
// They hand their steps over by SCHEDOP_yield, which is quickest among vCPUs of one processor.
constexpr unsigned pcpus = 1;
constexpr unsigned patience_seconds = 300;

}  // namespace

Xen_side::Xen_side(std::optional<std::string> xen)
    : xen_{std::move(xen)}, image_{build_folder("aarch64") / "conformance" / "differential.img"} {
  guest_build_tree("aarch64", Test_images::without).build({"differential"});
}

std::string Xen_side::ask(const std::string& request) {
  Run_options options;
  options.what = image_.string();
  options.vcpus = vcpus;
  options.pcpus = pcpus;
  options.xen = xen_;
  options.arguments = request;
  options.timeout_seconds = patience_seconds;
  const Boot boot = plan_boot(options);
  const Run_files files = Run_files::fresh("differential");
  Watch watch{domains_of(boot.guests)};
  std::string text;
  const Boot_result result = run_boot(boot, boot_command(boot, files), files, watch, [&](const Console_line& line) {
    if (line.writer == Writer::guest) {
      text += line.text + '\n';
    }
  });
  report::Run run;
  run.domains.emplace_back();
  run.ending =
      result.ending == Boot_ending::timed_out ? report::Machine_ending::timed_out : report::Machine_ending::stopped;
  watch.tell(run);
  report::conclude(run);
  if (run.verdict != report::Verdict::success) {
    throw Failure{"the programs of \"{}\" did not come to their end on {}: {}; logs in {}", request,
                  boot.xen->name(), run.reason, files.console().parent_path().string()};
  }
  const std::string version = run.xen.version.value_or("");
  release_ = version.substr(0, version.find('.', version.find('.') + 1));
  return text;
}

Model_side::Model_side(std::string release)
    : release_{std::move(release)}, program_{build_folder("host-test") / "conformance" / "differential_on_model"} {
  Build_tree host{"host-test"};
  host.configure({});
  host.build({"differential_on_model"});
}

std::string Model_side::run_with(const std::string& words) const {
  Command command{.words = {program_.string(), "release=" + release_}, .environment = {}, .directory = {}};
  std::istringstream list{words};
  for (std::string word; list >> word;) {
    command.words.push_back(word);
  }
  const Completed completed = run(command);
  if (!completed.status.success()) {
    throw Failure{"`{}` ended {}: {}", command.text(), completed.status.text(), completed.last_words()};
  }
  return completed.output;
}

std::string Model_side::ask(const std::string& request) {
  return run_with(request);
}

std::string Model_side::tell(const std::string& request) {
  return run_with(request + " tell=yes");
}

}  // namespace enlighten::runner
