// SPDX-License-Identifier: MIT
// What bench/counter writes about one boot, and the figures that come out of it.
#include <runner/bench/marks.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <sstream>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

std::map<std::string, std::string> fields_of(const std::string& line) {
  std::map<std::string, std::string> fields;
  std::istringstream words{line};
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    fields[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
  }
  return fields;
}

std::uint64_t number(const std::string& line, const std::map<std::string, std::string>& fields, const char* key) {
  std::uint64_t value = 0;
  const auto field = fields.find(key);
  if (field != fields.end()) {
    const std::string& text = field->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size()) {
      return value;
    }
  }
  throw Failure{"the counter wrote a line without a number for {}: {}", key, line};
}

Mark read_mark(const std::string& line) {
  const auto fields = fields_of(line);
  const std::uint64_t kind = number(line, fields, "mark");
  const auto name = fields.find("name");
  if (kind > static_cast<std::uint64_t>(Mark::Kind::found) || name == fields.end() || name->second.empty()) {
    throw Failure{"the counter wrote of a mark that no guest of ours has: {}", line};
  }
  return {.kind = static_cast<Mark::Kind>(kind),
          .name = name->second,
          .value = number(line, fields, "value"),
          .counts = {.guest = number(line, fields, "guest"),
                     .xen = number(line, fields, "xen"),
                     .entries = number(line, fields, "entries"),
                     .hypercalls = number(line, fields, "hypercalls"),
                     .firmware_calls = number(line, fields, "firmware_calls"),
                     .chain = number(line, fields, "chain")}};
}

class Figures {
 public:
  void set(const std::string& name, const char* what, double amount) {
    for (Figure& figure : all_) {
      if (figure.name == name && figure.what == what) {
        figure.amount = amount;
        return;
      }
    }
    all_.push_back({.name = name, .what = what, .amount = amount});
  }

  void set_counts(const std::string& name, const Counts& from, const Counts& to, std::uint64_t times) {
    const auto each = [&](std::uint64_t Counts::* count) {
      return static_cast<double>(to.*count - from.*count) / static_cast<double>(std::max<std::uint64_t>(times, 1));
    };
    set(name, "guest", each(&Counts::guest));
    set(name, "xen", each(&Counts::xen));
    set(name, "entries", each(&Counts::entries));
    set(name, "hypercalls", each(&Counts::hypercalls));
    set(name, "firmware calls", each(&Counts::firmware_calls));
  }

  void set_largest(const std::string& name, double value) {
    const auto known = std::ranges::find(all_, name, &Figure::name);
    set(name, "value", known == all_.end() ? value : std::max(value, known->amount));
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
        figures.set(mark.name, "chain", static_cast<double>(mark.counts.chain));
        break;
      case Mark::Kind::found:
        figures.set_largest(mark.name, static_cast<double>(mark.value));
        break;
    }
  }
  if (open) {
    throw Failure{"the guest marked the beginning of {} and came to no end of it", open->name};
  }
  return figures.take();
}

}  // namespace enlighten::runner
