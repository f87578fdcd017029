// SPDX-License-Identifier: MIT
// Tests of the verdict rule: every combination of what can be seen of a run.
#include <report_host/judge.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace enlighten::report {
namespace {

using testing::HasSubstr;

enum class Results { none, passed, failed, skipped, incomplete, failed_and_incomplete };

constexpr std::array all_results{Results::none,    Results::passed,     Results::failed,
                                 Results::skipped, Results::incomplete, Results::failed_and_incomplete};
constexpr std::array domain_endings{Domain_ending::unknown, Domain_ending::shut_down, Domain_ending::crashed,
                                    Domain_ending::refused};
constexpr std::array machine_endings{Machine_ending::stopped,      Machine_ending::timed_out,
                                     Machine_ending::interrupted,  Machine_ending::qemu_died,
                                     Machine_ending::xen_panicked, Machine_ending::not_started};

Tests tests_of(Results results) {
  Tests tests;
  tests.reported = results != Results::none;
  const auto add = [&tests](Outcome outcome) { tests.cases.push_back({"t", outcome, "", {}}); };
  if (results == Results::passed || results == Results::incomplete) {
    add(Outcome::passed);
    add(Outcome::skipped);
  }
  if (results == Results::failed || results == Results::failed_and_incomplete) {
    add(Outcome::passed);
    add(Outcome::failed);
  }
  if (results == Results::skipped) {
    add(Outcome::skipped);
  }
  if (results == Results::incomplete || results == Results::failed_and_incomplete) {
    tests.problems.push_back({0, "3 tests planned, 2 reported"});
  }
  return tests;
}

struct Seen {
  Domain_ending ending;
  std::optional<Verdict> stated;
  int code;
  bool panic;
  Results results;

  [[nodiscard]] Domain domain() const {
    Domain domain;
    domain.name = "guest";
    domain.ending = ending;
    if (stated) {
      domain.end = Statement{*stated, code, ""};
    }
    if (panic) {
      domain.panic = "page fault";
    }
    domain.tests = tests_of(results);
    return domain;
  }
};

std::vector<Seen> everything() {
  std::vector<Seen> all;
  for (const Domain_ending ending : domain_endings) {
    for (const bool panic : {false, true}) {
      for (const Results results : all_results) {
        all.push_back({ending, std::nullopt, 0, panic, results});
        for (const Verdict stated : all_verdicts) {
          for (const int code : {0, 1}) {
            all.push_back({ending, stated, code, panic, results});
          }
        }
      }
    }
  }
  return all;
}

// The rule once more, from the other side: for each verdict, all that leads to it.
bool leads_to(const Seen& seen, Verdict verdict) {
  const bool refused = seen.ending == Domain_ending::refused;
  const bool crashed =
      seen.ending == Domain_ending::crashed || seen.panic || !seen.stated || seen.stated == Verdict::crash;
  const bool has_spoken = !refused && !crashed && seen.stated != Verdict::timeout;
  const bool failed = seen.results == Results::failed || seen.results == Results::failed_and_incomplete;
  const bool sound = seen.results != Results::incomplete && !failed;
  const bool all_skipped = seen.results == Results::skipped;
  switch (verdict) {
    case Verdict::error:
      return refused || (has_spoken && seen.stated == Verdict::error && !failed);
    case Verdict::crash:
      return !refused && crashed;
    case Verdict::timeout:
      return !refused && !crashed && seen.stated == Verdict::timeout;
    case Verdict::failure:
      return has_spoken && (failed || (seen.stated != Verdict::error && !sound) ||
                            seen.stated == Verdict::failure || (seen.stated == Verdict::success && seen.code != 0));
    case Verdict::skip:
      return has_spoken && sound &&
             (seen.stated == Verdict::skip || (seen.stated == Verdict::success && seen.code == 0 && all_skipped));
    case Verdict::success:
      return has_spoken && sound && seen.stated == Verdict::success && seen.code == 0 && !all_skipped;
  }
  return false;
}

TEST(Judge, follows_the_rule_in_every_combination) {
  const std::vector<Seen> all = everything();
  EXPECT_EQ(all.size(), domain_endings.size() * 2 * all_results.size() * (1 + (all_verdicts.size() * 2)));
  for (const Seen& seen : all) {
    const Domain domain = seen.domain();
    const Judgement judgement = judge(domain);
    for (const Verdict verdict : all_verdicts) {
      EXPECT_EQ(judgement.verdict == verdict, leads_to(seen, verdict))
          << name(verdict) << " instead of " << name(judgement.verdict) << ": ending " << name(seen.ending)
          << ", stated " << (seen.stated ? name(*seen.stated) : "nothing") << ", code " << seen.code << ", panic "
          << seen.panic << ", results " << static_cast<int>(seen.results);
    }
    EXPECT_EQ(judgement.reason.empty(), judgement.verdict == Verdict::success) << judgement.reason;
  }
}

TEST(Judge, never_makes_more_of_a_run_than_of_its_domain) {
  for (const Machine_ending ending : machine_endings) {
    for (const Seen& seen : everything()) {
      report::Run run;
      run.ending = ending;
      run.domains.push_back(seen.domain());
      const Verdict expected = ending == Machine_ending::stopped     ? judge(run.domains.front()).verdict
                               : ending == Machine_ending::timed_out ? Verdict::timeout
                                                                     : Verdict::error;
      ASSERT_EQ(judge(run).verdict, expected) << name(ending);
    }
  }
}

Run run_of(std::vector<Verdict> stated) {
  report::Run run;
  run.ending = Machine_ending::stopped;
  for (const Verdict verdict : stated) {
    Domain& domain = run.domains.emplace_back();
    domain.name = "guest" + std::to_string(run.domains.size());
    domain.ending = Domain_ending::shut_down;
    domain.end = Statement{verdict, 0, "its reason"};
  }
  return run;
}

TEST(Judge, takes_the_worst_of_several_domains) {
  constexpr std::array from_best{Verdict::skip,    Verdict::success, Verdict::error,
                                 Verdict::failure, Verdict::crash,   Verdict::timeout};
  for (std::size_t one = 0; one < from_best.size(); ++one) {
    for (std::size_t other = 0; other < from_best.size(); ++other) {
      const Judgement judgement = judge(run_of({from_best.at(one), from_best.at(other)}));
      EXPECT_EQ(judgement.verdict, from_best.at(std::max(one, other)));
      EXPECT_THAT(judgement.reason, HasSubstr(other > one ? "guest2: its reason" : "guest1: its reason"));
    }
  }
}

TEST(Judge, takes_a_run_without_domains_for_an_error) {
  EXPECT_EQ(judge(run_of({})).verdict, Verdict::error);
}

TEST(Judge, says_why) {
  Domain domain;
  domain.ending = Domain_ending::shut_down;
  EXPECT_THAT(judge(domain).reason, HasSubstr("without an end record"));
  domain.problems.push_back({7, "the end record's verdict \"\" is none"});
  EXPECT_THAT(judge(domain).reason, HasSubstr("the end record's verdict"));
  domain.end = Statement{Verdict::success, 0, ""};
  domain.tests = tests_of(Results::incomplete);
  EXPECT_THAT(judge(domain).reason, HasSubstr("3 tests planned, 2 reported"));
  domain.tests = tests_of(Results::failed);
  EXPECT_THAT(judge(domain).reason, HasSubstr("test failed: t"));
  domain.tests.cases.push_back(domain.tests.cases.back());
  EXPECT_THAT(judge(domain).reason, HasSubstr("2 of 3 tests failed, the first: t"));
  domain.ending = Domain_ending::crashed;
  EXPECT_THAT(judge(domain).reason, HasSubstr("crashed after its end record, which says success"));
  domain.panic = "page fault";
  EXPECT_EQ(judge(domain).reason, "page fault");
}

TEST(Judge, passes_on_what_xen_or_qemu_said) {
  report::Run run = run_of({Verdict::success});
  run.ending = Machine_ending::xen_panicked;
  run.ending_text = "Could not set up DOMU guest OS";
  EXPECT_THAT(judge(run).reason, HasSubstr("Xen panicked: Could not set up DOMU guest OS"));
}

TEST(Conclude, fills_in_verdict_reason_and_the_version_a_guest_read) {
  report::Run run = run_of({Verdict::success, Verdict::failure});
  run.domains.front().records.push_back({"boot", {{"xen", "none"}}});
  run.domains.back().records.push_back({"boot", {{"xen", "4.17.5"}}});
  conclude(run);
  EXPECT_EQ(run.verdict, Verdict::failure);
  EXPECT_EQ(run.reason, "guest2: its reason");
  EXPECT_EQ(run.xen.version, "4.17.5");
}

TEST(Conclude, knows_no_version_when_no_guest_read_one) {
  report::Run run = run_of({Verdict::success});
  run.domains.front().records.push_back({"boot", {{"xen", "none"}}});
  run.domains.front().records.push_back({"other", {{"xen", "4.17.5"}}});
  conclude(run);
  EXPECT_EQ(run.xen.version, std::nullopt);
}

TEST(Judge_of_a_domain, holds_a_timeout_against_those_only_that_had_not_ended) {
  report::Run run;
  run.ending = Machine_ending::timed_out;
  run.domains.push_back(Seen{Domain_ending::shut_down, Verdict::success, 0, false, Results::none}.domain());
  run.domains.push_back(Seen{Domain_ending::unknown, std::nullopt, 0, false, Results::none}.domain());
  conclude(run);
  EXPECT_EQ(run.domains.at(0).verdict, Verdict::success);
  EXPECT_EQ(run.domains.at(1).verdict, Verdict::timeout);
  EXPECT_EQ(run.verdict, Verdict::timeout);
}

}  // namespace
}  // namespace enlighten::report
