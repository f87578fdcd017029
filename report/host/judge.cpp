// SPDX-License-Identifier: MIT
// The rule that turns what was seen of a run into its verdict.
#include <report_host/judge.hpp>

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

namespace enlighten::report {
namespace {

std::string first_words(const Domain& domain, std::string_view fallback) {
  return domain.end && !domain.end->reason.empty() ? domain.end->reason : std::string{fallback};
}

std::string crash_reason(const Domain& domain) {
  if (domain.panic) {
    return *domain.panic;
  }
  if (domain.end && domain.end->verdict == Verdict::crash) {
    return first_words(domain, "the program says that it crashed");
  }
  if (domain.end) {
    return fmt::format("the domain crashed after its end record, which says {}", name(domain.end->verdict));
  }
  if (domain.ending == Domain_ending::crashed) {
    return "the domain crashed";
  }
  if (!domain.problems.empty()) {
    return fmt::format("no end record was read: {}", domain.problems.front().text);
  }
  return "the guest stopped without an end record";
}

std::string failed_tests(const Tests& tests) {
  const std::size_t failed = tests.count(Outcome::failed);
  const auto first = std::ranges::find(tests.cases, Outcome::failed, &Test::outcome);
  return failed == 1 ? fmt::format("test failed: {}", first->name)
                     : fmt::format("{} of {} tests failed, the first: {}", failed, tests.cases.size(), first->name);
}

bool nothing_tested(const Tests& tests) {
  return tests.reported && tests.problems.empty() && tests.count(Outcome::skipped) == tests.cases.size();
}

Judgement judge_machine(const Run& run) {
  const auto with_detail = [&run](std::string_view text) {
    return run.ending_text.empty() ? std::string{text} : fmt::format("{}: {}", text, run.ending_text);
  };
  switch (run.ending) {
    case Machine_ending::timed_out:
      return {Verdict::timeout, with_detail("the guest did not end in time")};
    case Machine_ending::interrupted:
      return {Verdict::error, with_detail("interrupted by the user")};
    case Machine_ending::qemu_died:
      return {Verdict::error, with_detail("QEMU ended before the guest did")};
    case Machine_ending::xen_panicked:
      return {Verdict::error, with_detail("Xen panicked")};
    case Machine_ending::not_started:
      return {Verdict::error, with_detail("the machine was not started")};
    case Machine_ending::stopped:
      break;
  }
  return {Verdict::error, "there was no domain to run"};
}

// Higher is worse.
std::size_t rank(Verdict verdict) {
  constexpr std::array from_best{Verdict::skip,    Verdict::success, Verdict::error,
                                 Verdict::failure, Verdict::crash,   Verdict::timeout};
  return static_cast<std::size_t>(std::distance(from_best.begin(), std::ranges::find(from_best, verdict)));
}

}  // namespace

Judgement judge(const Domain& domain) {
  const Tests& tests = domain.tests;
  if (domain.ending == Domain_ending::refused) {
    return {Verdict::error, "Xen did not build the domain"};
  }
  if (domain.ending == Domain_ending::crashed || domain.panic || !domain.end ||
      domain.end->verdict == Verdict::crash) {
    return {Verdict::crash, crash_reason(domain)};
  }
  const Statement& end = *domain.end;
  if (end.verdict == Verdict::timeout) {
    return {Verdict::timeout, first_words(domain, "the program says that it timed out")};
  }
  if (tests.count(Outcome::failed) != 0) {
    return {Verdict::failure, failed_tests(tests)};
  }
  if (end.verdict == Verdict::error) {
    return {Verdict::error, first_words(domain, "the program says that its environment is at fault")};
  }
  if (!tests.problems.empty()) {
    return {Verdict::failure, fmt::format("test results: {}", tests.problems.front().text)};
  }
  if (end.verdict == Verdict::failure) {
    return {Verdict::failure, first_words(domain, "the program says that it failed")};
  }
  if (end.verdict == Verdict::success && end.code != 0) {
    return {Verdict::failure, fmt::format("the program says success and returns {}", end.code)};
  }
  if (end.verdict == Verdict::skip) {
    return {Verdict::skip, first_words(domain, "the program says that it was skipped")};
  }
  if (nothing_tested(tests)) {
    return {Verdict::skip, "every test was skipped"};
  }
  return {Verdict::success, end.reason};
}

Judgement judge(const Run& run) {
  if (run.ending != Machine_ending::stopped || run.domains.empty()) {
    return judge_machine(run);
  }
  std::vector<Judgement> all;
  for (const Domain& domain : run.domains) {
    Judgement& one = all.emplace_back(judge(domain));
    if (run.domains.size() > 1 && !one.reason.empty()) {
      one.reason = fmt::format("{}: {}", domain.name, one.reason);
    }
  }
  return *std::ranges::max_element(all, {}, [](const Judgement& one) { return rank(one.verdict); });
}

Judgement judge(const Run& run, const Domain& domain) {
  const bool has_ended = domain.end || domain.panic || domain.ending != Domain_ending::unknown;
  return run.ending == Machine_ending::stopped || has_ended ? judge(domain) : judge_machine(run);
}

void conclude(Run& run) {
  for (Domain& domain : run.domains) {
    auto [verdict, reason] = judge(run, domain);
    domain.verdict = verdict;
    domain.reason = std::move(reason);
  }
  auto [verdict, reason] = judge(run);
  run.verdict = verdict;
  run.reason = std::move(reason);
  for (const Domain& domain : run.domains) {
    for (const Record& record : domain.records) {
      const std::optional<std::string_view> version = record.text("xen");
      if (!run.xen.version && record.kind == "boot" && version && *version != "none") {
        run.xen.version = *version;
      }
    }
  }
}

}  // namespace enlighten::report
