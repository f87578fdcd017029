// SPDX-License-Identifier: MIT
// The conformance cases, asked of real Xen and of the model, in each setting there is.
#include <runner/conformance_answers.hpp>

#include <array>
#include <filesystem>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <runner/build_tree.hpp>
#include <runner/commands.hpp>
#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/process.hpp>

namespace enlighten::runner {
namespace {

constexpr std::array settings{
    Setting{"one domain", "one", Domains::one, Silo::on},
    Setting{"two domains", "two", Domains::two, Silo::on},
    Setting{"one domain, xsm=dummy", "one-dummy", Domains::one, Silo::off},
    Setting{"two domains, xsm=dummy", "two-dummy", Domains::two, Silo::off},
};

constexpr unsigned vcpus = 4;
constexpr unsigned patience_seconds = 120;

// Which the cases for two domains need, as the first of them is told (conformance/README.md).
constexpr std::array<std::string_view, 5> channels{"10:second:11", "12:second:13", "14:second:15", "16:second:17",
                                                   "18:second:19"};

Run_options boot_of(const Setting& setting, const std::string& image) {
  const std::string silo = setting.silo == Silo::off ? " silo=off" : "";
  Run_options run;
  run.what = image;
  run.vcpus = vcpus;
  run.arguments = silo;
  if (setting.silo == Silo::off) {
    run.xen_arguments = "xsm=dummy";
  }
  if (setting.domains == Domains::two) {
    run.called = "first";
    run.arguments = "side=first events=2l" + silo;
    run.event_channels.assign(channels.begin(), channels.end());
    Guest_options& second = run.more_guests.emplace_back();
    second.what = image;
    second.called = "second";
    second.arguments = "side=second events=2l" + silo;
  }
  return run;
}

// Empty if it is not known.
std::string text_of(const nlohmann::json& object, const char* member) {
  const auto& value = object.at(member);
  return value.is_string() ? value.get<std::string>() : std::string{};
}

}  // namespace

std::span<const Setting> conformance_settings() noexcept {
  return settings;
}

Answers ask_xen(const Setting& setting, const std::optional<std::string>& xen) {
  const auto report = source_tree() / "build" / "conformance" / fmt::format("xen-{}.json", setting.file);
  make_folder(report.parent_path());
  Run_options run = boot_of(setting, (build_folder("aarch64") / "conformance" / "conformance.img").string());
  run.xen = xen;
  run.timeout_seconds = patience_seconds;
  run.report = report;
  Answers answers{.exit_code = run_command(run), .text = {}, .release = {}, .xen = {}};
  const auto told = nlohmann::json::parse(read_file(report).value_or(std::string{}));
  for (const auto& domain : told.at("domains")) {
    answers.text += read_file(domain.at("console").get<std::string>()).value_or(std::string{});
  }
  const std::string version = text_of(told.at("xen"), "version");
  if (version.empty()) {
    throw Failure{"the cases did not get as far as asking Xen for its version; see {}", report.string()};
  }
  const std::string package = text_of(told.at("xen"), "package");
  answers.xen = fmt::format("{} ({})", version, package.empty() ? text_of(told.at("xen"), "path") : package);
  answers.release = version.substr(0, version.find('.', version.find('.') + 1));
  return answers;
}

void build_model() {
  Build_tree host{"host-test"};
  host.configure({});
  host.build({"conformance_on_model"});
}

Answers ask_model(const Setting& setting, const std::string& release) {
  const Command command{.words = {(build_folder("host-test") / "conformance" / "conformance_on_model").string(),
                                  "--release", release, "--silo", setting.silo == Silo::on ? "on" : "off",
                                  "--domains", setting.domains == Domains::one ? "1" : "2"},
                        .environment = {},
                        .directory = {}};
  const Completed completed = run(command);
  if (completed.status.signal != 0) {
    throw Failure{"`{}` ended {}: {}", command.text(), completed.status.text(), completed.last_words()};
  }
  return {.exit_code = completed.status.code, .text = completed.output, .release = release, .xen = {}};
}

}  // namespace enlighten::runner
