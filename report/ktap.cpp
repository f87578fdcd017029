// SPDX-License-Identifier: MIT
// Test results of a guest as KTAP version 1.
#include <report/ktap.hpp>

#include <algorithm>
#include <cstdarg>

#include <base/text.hpp>

namespace enlighten::report {
namespace {

constexpr std::string_view skip_directive = " # SKIP ";
constexpr std::size_t longest_formatted = 3 * longest_line;

constexpr bool control(char one) noexcept {
  return static_cast<unsigned char>(one) < 0x20 || one == 0x7f;
}

// As much of `text` as leaves `reserved` characters of the line free; a cut ends in "...".
void append_description(Line& line, std::string_view text, std::size_t reserved) noexcept {
  constexpr std::string_view mark = "...";
  const std::size_t begin = line.length();
  for (const char one : text) {
    if (line.room() < reserved + mark.size() + 2) {
      line.text(mark);
      return;
    }
    if (one == '#' || one == '\\') {
      line.character('\\').character(one);
    } else {
      line.character(control(one) ? ' ' : one);
    }
  }
  if (line.length() == begin) {
    line.text("unnamed");
  }
}

}  // namespace

Ktap_results::Ktap_results(Line_sink& sink, Depth depth, std::optional<std::uint32_t> planned) noexcept
    : sink_{sink}, planned_{planned}, depth_{depth} {
  sink_.line(indented().text("KTAP version 1").view());
  if (planned_) {
    plan(*planned_);
  }
}

void Ktap_results::pass(std::string_view name) noexcept {
  ++counts_.passed;
  result("ok ", name, {});
}

void Ktap_results::fail(std::string_view name) noexcept {
  ++counts_.failed;
  result("not ok ", name, {});
}

void Ktap_results::skip(std::string_view name, std::string_view reason) noexcept {
  ++counts_.skipped;
  result("ok ", name, reason.empty() ? "no reason given" : reason);
}

void Ktap_results::diagnose(std::string_view text) noexcept {
  do {
    Line line = indented().text("# ");
    const std::string_view piece = text.substr(0, std::min(text.find('\n'), line.room()));
    for (const char one : piece) {
      line.character(control(one) ? ' ' : one);
    }
    sink_.line(line.view());
    text.remove_prefix(piece.size());
    if (text.starts_with('\n')) {
      text.remove_prefix(1);
    }
  } while (!text.empty());
}

void Ktap_results::diagnose_format(const char* format, ...) noexcept {
  Text<longest_formatted> text;
  std::va_list arguments;
  va_start(arguments, format);
  text.append_list(format, arguments);
  va_end(arguments);
  diagnose(text.view());
}

Verdict Ktap_results::close() noexcept {
  if (!planned_) {
    plan(counts_.total());
  }
  const bool unmet = planned_ && *planned_ != counts_.total();
  if (unmet) {
    diagnose_format("planned %lu tests, ran %lu", static_cast<unsigned long>(*planned_),
                    static_cast<unsigned long>(counts_.total()));
  }
  diagnose_format("Totals: pass:%lu fail:%lu skip:%lu", static_cast<unsigned long>(counts_.passed),
                  static_cast<unsigned long>(counts_.failed), static_cast<unsigned long>(counts_.skipped));
  if (unmet || counts_.failed != 0) {
    return Verdict::failure;
  }
  return counts_.passed == 0 ? Verdict::skip : Verdict::success;
}

Line Ktap_results::indented() const noexcept {
  Line line;
  if (depth_ == Depth::group) {
    line.text("  ");
  }
  return line;
}

void Ktap_results::result(std::string_view status, std::string_view name, std::string_view skip_reason) noexcept {
  // A name may take the line but for this much, so that a reason can be read too.
  constexpr std::size_t room_for_reason = 60;
  Line line = indented().text(status).integer(counts_.total()).character(' ');
  append_description(line, name, skip_reason.empty() ? 0 : skip_directive.size() + room_for_reason);
  if (!skip_reason.empty()) {
    line.text(skip_directive);
    append_description(line, skip_reason, 0);
  }
  sink_.line(line.view());
}

void Ktap_results::plan(std::uint32_t count) noexcept {
  sink_.line(indented().text("1..").integer(count).view());
}

Ktap::Ktap(Line_sink& sink) noexcept : Ktap_results{sink, Depth::top, std::nullopt} {}

Ktap::Ktap(Line_sink& sink, std::uint32_t planned) noexcept : Ktap_results{sink, Depth::top, planned} {}

Ktap_group::Ktap_group(Ktap& program, std::string_view name) noexcept
    : Ktap_results{program.sink(), Depth::group, std::nullopt}, program_{program}, name_{name} {}

Ktap_group::Ktap_group(Ktap& program, std::string_view name, std::uint32_t planned) noexcept
    : Ktap_results{program.sink(), Depth::group, planned}, program_{program}, name_{name} {}

Verdict Ktap_group::finish() noexcept {
  const Verdict verdict = close();
  if (verdict == Verdict::failure) {
    program_.fail(name_);
  } else if (verdict == Verdict::skip) {
    program_.skip(name_, "all of its tests were skipped");
  } else {
    program_.pass(name_);
  }
  return verdict;
}

}  // namespace enlighten::report
