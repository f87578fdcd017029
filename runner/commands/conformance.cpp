// SPDX-License-Identifier: MIT
// `enlighten conformance`: the same cases on real Xen and on the model, and where those two differ.
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <report/verdict.hpp>

#include <runner/build_tree.hpp>
#include <runner/commands.hpp>
#include <runner/compare_results.hpp>
#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/terminal.hpp>

namespace enlighten::runner {
namespace {

constexpr unsigned vcpus = 4;
constexpr unsigned patience_seconds = 120;

struct Answers {
  int exit_code = 0;
  std::string text;     // KTAP
  std::string release;  // "4.17"
};

Answers ask_xen(const Conformance_options& options) {
  guest_build_tree("aarch64", Test_images::without).build({"conformance"});
  const auto report = source_tree() / "build" / "conformance" / "xen.json";
  make_folder(report.parent_path());
  Run_options run;
  run.what = (build_folder("aarch64") / "conformance" / "conformance.img").string();
  run.vcpus = vcpus;
  run.xen = options.xen;
  run.timeout_seconds = patience_seconds;
  run.report = report;
  Answers answers{.exit_code = run_command(run), .text = {}, .release = {}};
  const auto told = nlohmann::json::parse(read_file(report).value_or(std::string{}));
  answers.text = read_file(told.at("domains").at(0).at("console").get<std::string>()).value_or(std::string{});
  const std::string version = told.at("xen").value("version", "");
  answers.release = version.substr(0, version.find('.', version.find('.') + 1));
  return answers;
}

Answers ask_model(const std::string& release) {
  Build_tree host{"host-test"};
  host.configure({});
  host.build({"conformance_on_model"});
  const Command command{.words = {(build_folder("host-test") / "conformance" / "conformance_on_model").string(),
                                  "--release", release},
                        .environment = {},
                        .directory = {}};
  const Completed completed = run(command);
  if (completed.status.signal != 0) {
    throw Failure{"`{}` ended {}: {}", command.text(), completed.status.text(), completed.last_words()};
  }
  return {.exit_code = completed.status.code, .text = completed.output, .release = release};
}

int compare(const Answers& xen, const Answers& model) {
  const auto of_xen = read_case_results(xen.text);
  const auto of_model = read_case_results(model.text);
  const auto found = differences(of_xen, "Xen", of_model, "the model");
  for (const std::string& difference : found) {
    fmt::print("{}\n", difference);
  }
  std::size_t values = 0;
  for (const Case_result& result : of_xen) {
    values += result.values.size();
  }
  fmt::print("enlighten: {} cases with {} values on Xen {}, {} on the model of it: {} differences\n", of_xen.size(),
             values, xen.release, of_model.size(), found.size());
  const bool same = found.empty() && !of_xen.empty();
  return report::exit_code(same ? report::Verdict::success : report::Verdict::failure);
}

}  // namespace

int conformance_command(const Conformance_options& options) {
  if (options.model && !options.compare) {
    const Answers answers = ask_model(options.release.empty() ? "4.17" : options.release);
    fmt::print("{}", answers.text);
    return answers.exit_code;
  }
  const Answers xen = ask_xen(options);
  if (!options.compare) {
    return xen.exit_code;
  }
  return compare(xen, ask_model(options.release.empty() ? xen.release : options.release));
}

}  // namespace enlighten::runner
