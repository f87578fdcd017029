// SPDX-License-Identifier: MIT
// Figures of several boots together: how they are shown, kept, and compared.
#include <runner/bench/measurements.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

constexpr double hundred = 100;

const Figure* find(const std::vector<Figure>& figures, const Figure& wanted) {
  const auto found = std::ranges::find_if(
      figures, [&](const Figure& figure) { return figure.name == wanted.name && figure.what == wanted.what; });
  return found == figures.end() ? nullptr : &*found;
}

const Measurement* find(const Bench_report& report, const Measurement& wanted) {
  const auto found = std::ranges::find_if(report.measurements, [&](const Measurement& measurement) {
    return measurement.vcpus == wanted.vcpus && measurement.name == wanted.name && measurement.what == wanted.what;
  });
  return found == report.measurements.end() ? nullptr : &*found;
}

std::string title(const Measurement& measurement) {
  return fmt::format("{}, {} ({} vCPU{})", measurement.name, measurement.what, measurement.vcpus,
                     measurement.vcpus == 1 ? "" : "s");
}

// Counts of many rounds need not come out even.
std::string amount(double value) {
  std::string text = fmt::format("{:.2f}", value);
  return text.ends_with(".00") ? text.substr(0, text.size() - 3) : text;
}

}  // namespace

std::vector<Measurement> summarise(unsigned vcpus, const std::vector<std::vector<Figure>>& boots) {
  std::vector<Measurement> measurements;
  for (const Figure& figure : boots.front()) {
    std::vector<double> amounts;
    for (const std::vector<Figure>& boot : boots) {
      if (const Figure* const same = find(boot, figure)) {
        amounts.push_back(same->amount);
      }
    }
    const bool repeats = amounts.size() == boots.size() && (amounts.size() == 1 || amounts[0] == amounts[1]);
    std::ranges::sort(amounts);
    measurements.push_back({.vcpus = vcpus,
                            .name = figure.name,
                            .what = figure.what,
                            .least = amounts.front(),
                            .median = amounts[amounts.size() / 2],
                            .most = amounts.back(),
                            .repeats = repeats});
  }
  return measurements;
}

std::string as_table(const std::vector<Measurement>& measurements) {
  constexpr std::array<std::string_view, 7> columns{"guest",          "xen",   "entries", "hypercalls",
                                                    "firmware calls", "chain", "value"};
  std::string table = fmt::format("{:>5}  {:<22}", "vCPUs", "case");
  for (const std::string_view column : columns) {
    table += fmt::format(" {:>14}", column);
  }
  for (std::size_t index = 0; index < measurements.size();) {
    const Measurement& first = measurements[index];
    table += fmt::format("\n{:>5}  {:<22}", first.vcpus, first.name);
    std::array<std::string, columns.size()> cells;
    bool repeats = true;
    std::string range;
    for (; index < measurements.size() && measurements[index].vcpus == first.vcpus &&
           measurements[index].name == first.name;
         ++index) {
      const Measurement& one = measurements[index];
      const auto column = static_cast<std::size_t>(std::ranges::find(columns, one.what) - columns.begin());
      if (column < cells.size()) {
        cells[column] = amount(one.median);
      }
      if (one.least != one.most) {
        range += fmt::format("  {} {} to {}", one.what, amount(one.least), amount(one.most));
      }
      repeats = repeats && one.repeats;
    }
    for (const std::string& cell : cells) {
      table += fmt::format(" {:>14}", cell);
    }
    table += range + (repeats ? "" : "  DOES NOT REPEAT");
    table.erase(table.find_last_not_of(' ') + 1);
  }
  return table + '\n';
}

std::string as_json(const Bench_report& report) {
  nlohmann::ordered_json document{{"xen", report.xen}, {"qemu", report.qemu}};
  auto& all = document["measurements"] = nlohmann::ordered_json::array();
  for (const Measurement& one : report.measurements) {
    all.push_back({{"vcpus", one.vcpus},
                   {"case", one.name},
                   {"counted", one.what},
                   {"least", one.least},
                   {"median", one.median},
                   {"most", one.most},
                   {"repeats", one.repeats}});
  }
  return document.dump(2) + '\n';
}

Bench_report read_bench_report(const std::string& json, const std::filesystem::path& origin) {
  try {
    const auto document = nlohmann::json::parse(json);
    Bench_report report{.xen = document.at("xen"), .qemu = document.at("qemu"), .measurements = {}};
    for (const auto& one : document.at("measurements")) {
      report.measurements.push_back({.vcpus = one.at("vcpus"),
                                     .name = one.at("case"),
                                     .what = one.at("counted"),
                                     .least = one.at("least"),
                                     .median = one.at("median"),
                                     .most = one.at("most"),
                                     .repeats = one.at("repeats")});
    }
    return report;
  } catch (const nlohmann::json::exception& error) {
    throw Failure{"{} is no file that `enlighten bench` has written: {}", origin.string(), error.what()};
  }
}

Comparison compare(const Bench_report& before, const Bench_report& now, double percent) {
  Comparison comparison;
  for (const Measurement& old : before.measurements) {
    const Measurement* const current = find(now, old);
    if (current == nullptr) {
      comparison.changed.push_back(fmt::format("{}: {} before, not measured now", title(old), amount(old.median)));
      continue;
    }
    const double rise = current->median - old.median;
    if (rise * hundred > old.median * percent || -rise * hundred > old.median * percent) {
      comparison.risen += rise > 0 ? 1 : 0;
      comparison.changed.push_back(
          fmt::format("{}: {} before, {} now ({})", title(old), amount(old.median), amount(current->median),
                      old.median == 0 ? "new" : fmt::format("{:+.1f} %", rise * hundred / old.median)));
    }
  }
  for (const Measurement& current : now.measurements) {
    if (find(before, current) == nullptr) {
      comparison.changed.push_back(
          fmt::format("{}: not measured before, {} now", title(current), amount(current.median)));
    }
  }
  return comparison;
}

}  // namespace enlighten::runner
