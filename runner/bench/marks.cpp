// SPDX-License-Identifier: MIT
// What bench/counter writes about one boot, and the figures that come out of it.
#include <runner/bench/marks.hpp>

#include <algorithm>
#include <optional>
#include <sstream>

#include <report_host/parser.hpp>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

std::uint64_t number(const std::string& line, const report::Record& record, const char* key) {
  const std::optional<std::int64_t> value = record.integer(key);
  if (!value || *value < 0) {
    throw Failure{"the counter wrote a line without a number for {}: {}", key, line};
  }
  return static_cast<std::uint64_t>(*value);
}

Mark read_mark(const std::string& line) {
  const auto parsed = report::parse_record(line);
  if (!parsed || !*parsed || (*parsed)->kind != "mark") {
    throw Failure{"the counter wrote a line that is no mark's: {}", line};
  }
  const report::Record& record = **parsed;
  const std::uint64_t kind = number(line, record, "kind");
  const std::string_view name = record.text("name").value_or("");
  if (kind > static_cast<std::uint64_t>(Mark::Kind::found) || name.empty()) {
    throw Failure{"the counter wrote of a mark that no guest of ours has: {}", line};
  }
  return {.kind = static_cast<Mark::Kind>(kind),
          .name = std::string{name},
          .value = number(line, record, "value"),
          .counts = {.guest = number(line, record, "guest"),
                     .xen = number(line, record, "xen"),
                     .entries = number(line, record, "entries"),
                     .hypercalls = number(line, record, "hypercalls"),
                     .firmware_calls = number(line, record, "firmware_calls"),
                     .chain = number(line, record, "chain")}};
}

class Figures {
 public:
  // 0 before it is set.
  double& amount(const std::string& name, const char* what) {
    const auto known =
        std::ranges::find_if(all_, [&](const Figure& one) { return one.name == name && one.what == what; });
    return known != all_.end() ? known->amount : all_.emplace_back(name, what).amount;
  }

  void set_counts(const std::string& name, const Counts& from, const Counts& to, std::uint64_t times) {
    const auto each = [&](std::uint64_t Counts::* count) {
      return static_cast<double>(to.*count - from.*count) / static_cast<double>(std::max<std::uint64_t>(times, 1));
    };
    amount(name, "guest") = each(&Counts::guest);
    amount(name, "xen") = each(&Counts::xen);
    amount(name, "entries") = each(&Counts::entries);
    amount(name, "hypercalls") = each(&Counts::hypercalls);
    amount(name, "firmware calls") = each(&Counts::firmware_calls);
  }

  [[nodiscard]] std::vector<Figure> take() { return std::move(all_); }

 private:
  std::vector<Figure> all_;
};

}  // namespace

std::vector<Mark> read_marks(std::string_view text) {
  std::vector<Mark> marks;
  std::istringstream lines{std::string{text}};
  for (std::string line; std::getline(lines, line);) {
    marks.push_back(read_mark(line));
  }
  return marks;
}

std::vector<Figure> figures_of(const std::vector<Mark>& marks) {
  Figures figures;
  std::optional<Mark> open;
  for (const Mark& mark : marks) {
    switch (mark.kind) {
      case Mark::Kind::begin:
        open = mark;
        break;
      case Mark::Kind::end:
        if (!open || open->name != mark.name) {
          throw Failure{"the guest marked the end of {}, which had not begun", mark.name};
        }
        figures.set_counts(mark.name, open->counts, mark.counts, mark.value);
        open.reset();
        break;
      case Mark::Kind::reached:
        figures.set_counts(mark.name, {}, mark.counts, 1);
        figures.amount(mark.name, "chain") = static_cast<double>(mark.counts.chain);
        break;
      case Mark::Kind::found: {
        double& largest = figures.amount(mark.name, "value");
        largest = std::max(largest, static_cast<double>(mark.value));
        break;
      }
    }
  }
  if (open) {
    throw Failure{"the guest marked the beginning of {} and came to no end of it", open->name};
  }
  return figures.take();
}

}  // namespace enlighten::runner
