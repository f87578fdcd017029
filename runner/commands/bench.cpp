// SPDX-License-Identifier: MIT
// `enlighten bench`: what things cost a guest on real Xen, in instructions.
#include <algorithm>
#include <filesystem>
#include <iterator>

#include <fmt/format.h>
#include <report_host/judge.hpp>
#include <report_host/run.hpp>

#include <runner/bench/counting_qemu.hpp>
#include <runner/bench/marks.hpp>
#include <runner/bench/measurements.hpp>
#include <runner/boot.hpp>
#include <runner/build_tree.hpp>
#include <runner/commands.hpp>
#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/plan.hpp>
#include <runner/terminal.hpp>
#include <runner/xen_package.hpp>

namespace enlighten::runner {
namespace {

// As many as QEMU counts with; each vCPU has one of its own, up to here.
constexpr unsigned most_pcpus = 8;
// By how much a count may rise before the check fails.
constexpr double tolerated_percent = 2;

struct Tools {
  std::filesystem::path qemu;
  std::filesystem::path plugin;
  std::filesystem::path image;
};

Tools find_tools() {
  Build_tree guests = guest_build_tree("aarch64", Test_images::without);
  guests.build({"bench"});
  Build_tree host{"host"};
  host.configure({});
  host.build({"instruction_counter"});
  return {.qemu = find_counting_qemu(),
          .plugin = host.folder() / "bench" / "counter" / "instruction_counter.so",
          .image = guests.folder() / "bench" / "image" / "bench.img"};
}

std::vector<Figure> boot_once(const Tools& tools, const std::optional<std::string>& xen, unsigned vcpus,
                              unsigned seed, const std::string& arguments) {
  Run_options options;
  options.what = tools.image.string();
  options.vcpus = vcpus;
  options.pcpus = most_pcpus;
  options.xen = xen;
  options.arguments = fmt::format("{} seed={}", arguments, seed);
  options.timeout_seconds = 600;
  Boot boot = plan_boot(options);
  const Run_files files = Run_files::fresh(boot.guests.front().domain.name);
  const auto marks = files.console().parent_path() / "marks.txt";
  boot.machine.counting = Counting{.qemu = tools.qemu, .plugin = tools.plugin, .marks = marks, .seed = seed};
  Watch watch{domains_of(boot.guests)};
  const Boot_result result = run_boot(boot, boot_command(boot, files), files, watch, [](const Console_line&) {});
  report::Run run;
  run.image = options.what;
  run.ending = report::Machine_ending::stopped;
  run.domains.emplace_back().name = boot.guests.front().domain.name;
  watch.tell(run);
  if (result.ending != Boot_ending::over || report::judge(run).verdict != report::Verdict::success) {
    throw Failure{
        "a boot with {} vCPUs and seed {} came to no good end: {}; logs in {}", vcpus, seed,
        result.ending == Boot_ending::timed_out ? watch.unfinished() : watch.xen_words() + result.qemu_words,
        files.console().parent_path().string()};
  }
  return figures_of(read_marks(read_file(marks).value_or(std::string{})));
}

// The first seed twice: that a count repeats is not taken for granted.
std::vector<unsigned> seeds_of(unsigned seeds) {
  std::vector<unsigned> all{1};
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    all.push_back(seed);
  }
  return all;
}

Bench_report measure(const Bench_options& options, const std::vector<unsigned>& vcpus,
                     const std::vector<unsigned>& seeds) {
  const Tools tools = find_tools();
  Bench_report report{
      .xen = find_xen(options.xen).name(), .qemu = qemu_version(tools.qemu.string()), .measurements = {}};
  for (const unsigned count : vcpus) {
    Step step{fmt::format("counting with {} vCPU{}", count, count == 1 ? "" : "s")};
    std::vector<std::vector<Figure>> boots;
    for (const unsigned seed : seeds) {
      // Of those that are there to be counted until all vCPUs are online, more is not asked.
      const bool all = count == 1 || count == most_pcpus;
      boots.push_back(boot_once(tools, options.xen, count, seed, options.arguments + (all ? "" : " cases=no")));
      step.alive(fmt::format("seed {}", seed));
    }
    std::ranges::move(summarise(count, boots), std::back_inserter(report.measurements));
    step.done();
  }
  return report;
}

std::filesystem::path baseline_file() {
  return source_tree() / "bench" / "baseline.json";
}

Bench_report read_report(const std::filesystem::path& file) {
  const auto text = read_file(file);
  if (!text) {
    throw Failure{"{} cannot be read", file.string()};
  }
  return read_bench_report(*text, file);
}

// What another build of Xen's does not change.
Bench_report of_guest_alone(Bench_report report) {
  std::erase_if(report.measurements,
                [](const Measurement& one) { return one.what == "xen" || one.what == "value"; });
  return report;
}

int check(const Bench_options& options) {
  const Bench_report now = of_guest_alone(measure(options, {1, most_pcpus}, {1}));
  if (options.accept) {
    write_file(baseline_file(), as_json(now));
    fmt::print("enlighten: {} counts are the baseline now\n", now.measurements.size());
    return 0;
  }
  const Comparison comparison = compare(read_report(baseline_file()), now, tolerated_percent);
  for (const std::string& line : comparison.changed) {
    fmt::print("{}\n", line);
  }
  fmt::print("enlighten: of {} counts {} have risen by more than {} %\n", now.measurements.size(), comparison.risen,
             tolerated_percent);
  return report::exit_code(comparison.risen == 0 ? report::Verdict::success : report::Verdict::failure);
}

}  // namespace

int bench_command(const Bench_options& options) {
  if (options.check || options.accept) {
    return check(options);
  }
  std::optional<Bench_report> before;
  if (options.compare) {
    before = read_report(*options.compare);
  }
  const Bench_report now = measure(options, options.vcpus, seeds_of(options.seeds));
  fmt::print("On {}, counted by QEMU {} with {} CPUs of kind cortex-a53:\n{}", now.xen, now.qemu, most_pcpus,
             as_table(now.measurements));
  if (options.json) {
    write_file(*options.json, as_json(now));
  }
  if (before) {
    const Comparison comparison = compare(*before, now, 0);
    fmt::print("\nWhat has changed since {}:\n", options.compare->string());
    for (const std::string& line : comparison.changed) {
      fmt::print("{}\n", line);
    }
  }
  return 0;
}

}  // namespace enlighten::runner
