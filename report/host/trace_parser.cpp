// SPDX-License-Identifier: MIT
// Reads the lines of a trace.
#include <report_host/trace_parser.hpp>

#include <algorithm>
#include <expected>
#include <limits>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <report/record.hpp>
#include <report/trace_line.hpp>

#include <report_host/parser.hpp>

namespace enlighten::report {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t most_problems = 10;
// What no guest of this project has, and what keeps a wrong line from asking for all of our memory.
constexpr std::int64_t most_cpus = 4096;
constexpr std::int64_t most_hertz = 100'000'000'000;

std::optional<std::uint64_t> number(const Record& record, std::string_view key, std::int64_t highest) {
  const auto value = record.integer(key);
  return value && *value >= 0 && *value <= highest ? std::optional{static_cast<std::uint64_t>(*value)}
                                                   : std::nullopt;
}

constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();

std::optional<std::uint32_t> interrupt(const Record& record, std::string_view key) {
  const auto value = number(record, key, 1023);
  return value ? std::optional{static_cast<std::uint32_t>(*value)} : std::nullopt;
}

// Seven bits a byte, the lowest first; nothing if it does not end or is larger than `highest`.
std::optional<std::uint64_t> take_number(Bytes& bytes, std::uint64_t highest) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; !bytes.empty() && shift < 64; shift += 7) {
    const std::uint64_t seven = bytes.front() & 0x7fU;
    const bool last = bytes.front() < 0x80;
    bytes = bytes.subspan(1);
    if (seven << shift >> shift != seven) {
      return std::nullopt;
    }
    value |= seven << shift;
    if (last) {
      return value <= highest ? std::optional{value} : std::nullopt;
    }
  }
  return std::nullopt;
}

std::expected<std::vector<Trace_entry>, std::string> take_apart(Bytes bytes, std::uint64_t count) {
  std::vector<Trace_entry> entries;
  while (!bytes.empty()) {
    const auto later = take_number(bytes, std::numeric_limits<std::uint64_t>::max() - count);
    if (!later || bytes.empty()) {
      return std::unexpected{fmt::format("entry {} has no time or no kind", entries.size())};
    }
    const std::uint8_t known = bytes.front();
    bytes = bytes.subspan(1);
    const auto kind = trace_kind_from_number(known);
    if (!kind) {
      return std::unexpected{fmt::format("entry {} is of kind {}, which is none", entries.size(), known)};
    }
    const auto a = take_number(bytes, 0xff'ffff);
    const auto b = take_number(bytes, 0xffff'ffff);
    if (!a || !b) {
      return std::unexpected{fmt::format("entry {} lacks its numbers", entries.size())};
    }
    count += *later;
    entries.push_back(
        {.count = count, .kind = *kind, .a = static_cast<std::uint32_t>(*a), .b = static_cast<std::uint32_t>(*b)});
  }
  return entries;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 == 1) {
    return std::nullopt;
  }
  std::vector<std::uint8_t> bytes;
  std::uint32_t bits = 0;
  unsigned waiting = 0;
  for (const char one : text) {
    const std::size_t digit = digits.find(one);
    if (digit == std::string_view::npos) {
      return std::nullopt;
    }
    bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xffff;
    waiting += 6;
    if (waiting >= 8) {
      waiting -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> waiting));
    }
  }
  return bytes;
}

bool Trace_parser::line(std::string_view text) {
  if (!text.starts_with(record_prefix) || !text.substr(record_prefix.size()).starts_with(record_kind::trace)) {
    return false;
  }
  const auto record = parse_record(text);
  if (!record || !*record) {
    problem(fmt::format("a line of a trace cannot be read: {}", record ? record->error() : "it is no record"));
    return true;
  }
  using namespace record_kind;
  if (const std::string& kind = (*record)->kind;
      kind != trace_guest && kind != trace_cpu && kind != trace && kind != trace_end) {
    return false;
  }
  take(**record);
  return true;
}

void Trace_parser::take(const Record& record) {
  if (record.kind == record_kind::trace_guest) {
    take_guest(record);
  } else if (!trace_) {
    problem(fmt::format("a `{}` record comes before the `trace_guest` one", record.kind));
  } else if (record.kind == record_kind::trace_cpu) {
    take_cpu(record);
  } else if (record.kind == record_kind::trace) {
    take_entries(record);
  } else if (const auto lines = number(record, "lines", any)) {
    announced_lines_ = lines;
  } else {
    problem("the `trace_end` record does not say how many lines there were");
  }
}

void Trace_parser::take_guest(const Record& record) {
  const auto cpus = number(record, "cpus", most_cpus);
  const auto hertz = number(record, "hertz", most_hertz);
  if (trace_ || !cpus || !hertz || *hertz == 0) {
    problem(trace_ ? "there is a second `trace_guest` record" : "the `trace_guest` record has no cpus or no hertz");
    return;
  }
  cpus_ = *cpus;
  trace_.emplace();
  trace_->hertz = *hertz;
  trace_->upcall = interrupt(record, "upcall");
  trace_->timer = interrupt(record, "timer");
  std::string_view steps = record.text("steps").value_or("");
  while (!steps.empty()) {
    const std::size_t comma = std::min(steps.find(','), steps.size());
    trace_->steps.emplace_back(steps.substr(0, comma));
    steps.remove_prefix(std::min(comma + 1, steps.size()));
  }
}

void Trace_parser::take_cpu(const Record& record) {
  const auto cpu = number(record, "cpu", static_cast<std::int64_t>(cpus_) - 1);
  const auto recorded = number(record, "recorded", any);
  if (!cpu || !recorded) {
    problem("a `trace_cpu` record has no cpu of the guest's, or not how much it recorded");
    return;
  }
  trace_->cpus[static_cast<std::uint32_t>(*cpu)].recorded = *recorded;
}

void Trace_parser::take_entries(const Record& record) {
  ++lines_;
  const auto cpu = number(record, "cpu", any);
  const auto known = cpu && *cpu < cpus_ ? trace_->cpus.find(static_cast<std::uint32_t>(*cpu)) : trace_->cpus.end();
  if (known == trace_->cpus.end()) {
    problem("a `trace` record is of no CPU that has a `trace_cpu` record");
    return;
  }
  const auto place =
      fmt::format("the `trace` record of cpu {} with n={}", known->first, record.text("n").value_or("nothing"));
  const auto count = number(record, "at", any);
  const auto bytes = decode_base64(record.text("d").value_or(""));
  if (!count || !bytes || bytes->empty()) {
    problem(place + (count ? " has no data in base64" : " does not say when it begins"));
    return;
  }
  const auto entries = take_apart(*bytes, *count);
  if (!entries) {
    problem(fmt::format("{}: {}", place, entries.error()));
    return;
  }
  std::vector<Trace_entry>& all = known->second.entries;
  if (!all.empty() && entries->front().count < all.back().count) {
    problem(place + " is earlier than the one before it");
    return;
  }
  all.insert(all.end(), entries->begin(), entries->end());
}

void Trace_parser::problem(std::string text) {
  if (problems_.size() < most_problems) {
    problems_.push_back(std::move(text));
  } else {
    ++more_problems_;
  }
}

std::optional<Guest_trace> Trace_parser::finish() {
  if (trace_ && !announced_lines_) {
    problem("the trace has no end: what is missing was not printed or not read");
  } else if (trace_ && *announced_lines_ != lines_) {
    problem(fmt::format("{} lines of the trace were printed and {} read", *announced_lines_, lines_));
  }
  if (more_problems_ != 0) {
    problems_.push_back(fmt::format("and {} more lines are wrong", std::exchange(more_problems_, 0)));
  }
  return std::exchange(trace_, std::nullopt);
}

}  // namespace enlighten::report
