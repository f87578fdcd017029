// SPDX-License-Identifier: MIT
// `enlighten conformance`: the same cases on real Xen and on the model, and where those two differ.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <report/verdict.hpp>

#include <runner/build_tree.hpp>
#include <runner/commands.hpp>
#include <runner/compare_results.hpp>
#include <runner/conformance_answers.hpp>
#include <runner/conformance_pages.hpp>
#include <runner/departures.hpp>
#include <runner/failure.hpp>
#include <runner/places.hpp>

namespace enlighten::runner {
namespace {

// What is asked for without a release, and without a Xen that has been booted.
constexpr std::string_view oldest_release = "4.17";

int ask_model_alone(const Conformance_options& options) {
  build_model();
  int code = 0;
  for (const Setting& setting : conformance_settings()) {
    const Answers answers =
        ask_model(setting, options.release.empty() ? std::string{oldest_release} : options.release);
    fmt::print("# {}\n{}", setting.name, answers.text);
    code = std::max(code, answers.exit_code);
  }
  return code;
}

// Tells the differences in one setting; how many there are.
std::size_t compare(const Setting& setting, const Answers& xen, const Answers& model) {
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
  fmt::print(
      "enlighten: {}: {} cases with {} values on Xen {}, {} on the model of it, which skips {}: {} differences\n",
      setting.name, of_xen.size(), values, xen.release, of_model.size(),
      std::ranges::count(of_model, true, &Case_result::skipped), found.size());
  return found.size() + (of_xen.empty() ? 1 : 0);
}

std::filesystem::path pages_folder() {
  return source_tree() / "conformance" / "pages";
}

int explain(const std::string& wanted) {
  const std::vector<Page> pages = find_pages(read_pages(pages_folder()), wanted);
  if (pages.empty()) {
    throw Failure{"--explain {}: no case has that in its name, and no subject is called so", wanted};
  }
  fmt::print("{}", as_markdown(pages));
  return 0;
}

// What a developer of Xen's would want to know: in short here, in full in a file.
void tell_departures(const std::vector<Answers>& of_xen) {
  std::vector<Case_result> results;
  for (const Answers& answers : of_xen) {
    const auto of_setting = read_case_results(answers.text);
    results.insert(results.end(), of_setting.begin(), of_setting.end());
  }
  const auto found = find_departures(results, read_pages(pages_folder()));
  if (found.empty()) {
    return;
  }
  const auto file = source_tree() / "build" / "conformance" / "departures.md";
  write_file(file, departures_document(found, of_xen.front().xen));
  fmt::print("\nenlighten: where Xen {} departs from its documents, with the calls in {}:\n{}", of_xen.front().xen,
             file.string(), departures_summary(found));
}

}  // namespace

int conformance_command(const Conformance_options& options) {
  if (options.explain) {
    return explain(*options.explain);
  }
  if (options.model && !options.compare) {
    return ask_model_alone(options);
  }
  guest_build_tree("aarch64", Test_images::without).build({"conformance"});
  std::vector<Answers> of_xen;
  int code = 0;
  for (const Setting& setting : conformance_settings()) {
    of_xen.push_back(ask_xen(setting, options.xen));
    code = std::max(code, of_xen.back().exit_code);
  }
  tell_departures(of_xen);
  if (!options.compare) {
    return code;
  }
  build_model();
  std::size_t found = 0;
  for (std::size_t index = 0; index < of_xen.size(); ++index) {
    const Setting& setting = conformance_settings()[index];
    const Answers& xen = of_xen[index];
    found += compare(setting, xen, ask_model(setting, options.release.empty() ? xen.release : options.release));
  }
  return report::exit_code(found == 0 ? report::Verdict::success : report::Verdict::failure);
}

}  // namespace enlighten::runner
