// SPDX-License-Identifier: MIT
// Tests of the JSON and the JUnit file of a run.
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <report_host/json.hpp>
#include <report_host/judge.hpp>
#include <report_host/junit.hpp>

#include "printable.hpp"

namespace enlighten::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Run example() {
  report::Run run;
  run.image = "smp";
  run.ending = Machine_ending::stopped;
  run.xen.package = "xen-hypervisor-4.17-arm64 4.17.5";
  run.xen.path = "/cache/xen";
  run.qemu.version = "7.2.13";
  run.started = std::chrono::sys_days{std::chrono::year{2024} / 2 / 29} + std::chrono::hours{13};
  run.elapsed = std::chrono::milliseconds{2'345};
  Domain& domain = run.domains.emplace_back();
  domain.name = "smp";
  domain.vcpus = 17;
  domain.console = "/logs/smp.txt";
  domain.ending = Domain_ending::shut_down;
  domain.end = Statement{Verdict::failure, 1, "lost 1"};
  domain.counts = {{"hypercalls", 34}};
  domain.records.push_back({"boot", {{"xen", "4.17.5"}, {"cpus", "17"}}});
  domain.tests.reported = true;
  domain.tests.cases = {{"a", Outcome::passed, "", {}},
                        {"b <&> \"c\"", Outcome::failed, "", {"sent 2", "received 1"}},
                        {"d", Outcome::skipped, "no grants", {}}};
  domain.tests.problems.push_back({3, "test 2 is reported twice"});
  conclude(run);
  return run;
}

TEST(Json, has_the_documented_members) {
  const auto json = nlohmann::json::parse(json_text(example()));
  EXPECT_EQ(json["schema"], json_schema);
  EXPECT_EQ(json["verdict"], "failure");
  EXPECT_EQ(json["exit_code"], 5);
  EXPECT_EQ(json["reason"], "test failed: b <&> \"c\"");
  EXPECT_EQ(json["image"], "smp");
  EXPECT_EQ(json["machine"]["ending"], "stopped");
  EXPECT_EQ(json["xen"]["version"], "4.17.5");
  EXPECT_EQ(json["xen"]["package"], "xen-hypervisor-4.17-arm64 4.17.5");
  EXPECT_EQ(json["xen"]["path"], "/cache/xen");
  EXPECT_EQ(json["qemu"]["version"], "7.2.13");
  EXPECT_EQ(json["started"], "2024-02-29T13:00:00Z");
  EXPECT_EQ(json["elapsed_ms"], 2'345);
  const auto& domain = json["domains"].at(0);
  EXPECT_EQ(domain["name"], "smp");
  EXPECT_EQ(domain["vcpus"], 17);
  EXPECT_EQ(domain["console"], "/logs/smp.txt");
  EXPECT_EQ(domain["ending"], "shut_down");
  EXPECT_EQ(domain["end"]["code"], 1);
  EXPECT_EQ(domain["panic"], nullptr);
  EXPECT_EQ(domain["counts"]["hypercalls"], 34);
  EXPECT_EQ(domain["records"].at(0)["pairs"]["cpus"], "17");
  const auto& tests = domain["tests"];
  EXPECT_EQ(tests["passed"], 1);
  EXPECT_EQ(tests["failed"], 1);
  EXPECT_EQ(tests["skipped"], 1);
  EXPECT_EQ(tests["names"]["failed"], nlohmann::json({"b <&> \"c\""}));
  EXPECT_EQ(tests["cases"].at(1)["diagnostics"], nlohmann::json({"sent 2", "received 1"}));
  EXPECT_EQ(tests["cases"].at(2)["reason"], "no grants");
  EXPECT_EQ(tests["problems"].at(0)["line"], 3);
}

TEST(Json, says_null_for_what_is_not_known) {
  report::Run run;
  run.domains.emplace_back();
  const auto json = nlohmann::json::parse(json_text(run));
  EXPECT_EQ(json["xen"]["version"], nullptr);
  EXPECT_EQ(json["xen"]["path"], nullptr);
  EXPECT_EQ(json["qemu"]["version"], nullptr);
  EXPECT_EQ(json["domains"].at(0)["end"], nullptr);
  EXPECT_FALSE(json.contains("started"));
}

TEST(Json, is_valid_whatever_a_guest_prints) {
  report::Run run = example();
  run.domains.front().tests.cases.front().name = "\xff\x1b[31m\xc3\xa4\xed\xa0\x80";
  const auto json = nlohmann::json::parse(json_text(run));
  EXPECT_EQ(json["domains"].at(0)["tests"]["cases"].at(0)["name"], "\\xff\\x1b[31m\xc3\xa4\\xed\\xa0\\x80");
}

// Whether tags nest, attributes are quoted, and no bare `<` or `&` is left: well-formedness as far as this writer
// can break it.
bool well_formed(std::string_view xml) {
  std::vector<std::string> open;
  while (!xml.empty()) {
    if (xml.front() == '&') {
      const std::string_view entity = xml.substr(0, xml.find(';') + 1);
      if (entity != "&amp;" && entity != "&lt;" && entity != "&gt;" && entity != "&quot;" && entity != "&#10;" &&
          entity != "&#13;" && entity != "&#9;") {
        return false;
      }
    }
    if (xml.front() != '<') {
      xml.remove_prefix(1);
      continue;
    }
    const std::size_t end = xml.find('>');
    if (end == std::string_view::npos) {
      return false;
    }
    const std::string_view tag = xml.substr(1, end - 1);
    xml.remove_prefix(end + 1);
    if (tag.starts_with('?')) {
      continue;
    }
    if (tag.contains('<') || std::ranges::count(tag, '"') % 2 != 0) {
      return false;
    }
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) {
        return false;
      }
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.emplace_back(tag.substr(0, tag.find(' ')));
    }
  }
  return open.empty();
}

TEST(Junit, has_a_suite_for_the_run_and_one_for_each_domain) {
  const std::string xml = to_junit(example());
  EXPECT_TRUE(well_formed(xml)) << xml;
  EXPECT_THAT(xml,
              HasSubstr(R"(<testsuite name="run" tests="1" failures="1" errors="0" skipped="0" time="2.345")"));
  EXPECT_THAT(xml, HasSubstr(R"(<testsuite name="smp" tests="3" failures="1" errors="0" skipped="1">)"));
  EXPECT_THAT(xml, HasSubstr(R"(<testcase classname="smp" name="a"/>)"));
  EXPECT_THAT(xml, HasSubstr("<failure message=\"not ok\">sent 2&#10;received 1</failure>"));
  EXPECT_THAT(xml, HasSubstr(R"(<skipped message="no grants"></skipped>)"));
  EXPECT_THAT(xml, HasSubstr(R"(name="b &lt;&amp;&gt; &quot;c&quot;")"));
  EXPECT_THAT(xml, HasSubstr("smp, line 3: test 2 is reported twice"));
}

TEST(Junit, is_red_when_the_run_is_although_every_test_passed) {
  report::Run run = example();
  run.domains.front().tests = {};
  run.ending = Machine_ending::timed_out;
  conclude(run);
  const std::string xml = to_junit(run);
  EXPECT_TRUE(well_formed(xml)) << xml;
  EXPECT_THAT(xml, HasSubstr("<error message=\"timeout: the guest did not end in time\">"));
  EXPECT_THAT(xml, HasSubstr(R"(failures="0" errors="1" skipped="0")"));
}

TEST(Junit, is_green_when_the_run_is) {
  report::Run run = example();
  run.domains.front().tests = {};
  run.domains.front().end = Statement{Verdict::success, 0, ""};
  conclude(run);
  const std::string xml = to_junit(run);
  EXPECT_TRUE(well_formed(xml)) << xml;
  EXPECT_THAT(xml, Not(HasSubstr("<failure")));
  EXPECT_THAT(xml, Not(HasSubstr("<error")));
}

TEST(Junit, is_well_formed_whatever_a_guest_prints) {
  report::Run run = example();
  for (int code = 0; code < 256; ++code) {
    const std::string text{'x', static_cast<char>(code), ']', ']', '>', '"'};
    run.domains.front().tests.cases.push_back({text, Outcome::failed, text, {text}});
  }
  const std::string xml = to_junit(run);
  EXPECT_TRUE(well_formed(xml));
  EXPECT_EQ(xml, printable(xml));
  EXPECT_THAT(xml, HasSubstr("x\\x00]]&gt;&quot;"));
}

TEST(Printable, keeps_text_of_every_length_of_character) {
  const std::string_view text = "a\t\n\r~\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
  EXPECT_EQ(printable(text), text);
}

TEST(Printable, shows_bytes_that_are_no_text) {
  EXPECT_EQ(printable(std::string_view{"\0\x1b\x7f", 3}), "\\x00\\x1b\\x7f");
  EXPECT_EQ(printable("\x80\xff"), "\\x80\\xff");
  EXPECT_EQ(printable("\xc3"), "\\xc3");
  EXPECT_EQ(printable("\xc3("), "\\xc3(");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");
}

Run of_two_domains() {
  Run run = example();
  Domain& second = run.domains.emplace_back();
  second.name = "second";
  second.image = "/images/second.img";
  second.ending = Domain_ending::shut_down;
  second.end = Statement{Verdict::success, 0, ""};
  conclude(run);
  return run;
}

TEST(Json, has_a_verdict_for_each_domain) {
  const auto json = nlohmann::json::parse(json_text(of_two_domains()));
  EXPECT_EQ(json["verdict"], "failure");
  EXPECT_EQ(json["domains"].at(0)["verdict"], "failure");
  EXPECT_EQ(json["domains"].at(0)["reason"], "test failed: b <&> \"c\"");
  EXPECT_EQ(json["domains"].at(1)["verdict"], "success");
  EXPECT_EQ(json["domains"].at(1)["image"], "/images/second.img");
}

TEST(Junit, has_a_case_for_the_verdict_on_each_of_several_domains) {
  const std::string xml = to_junit(of_two_domains());
  EXPECT_TRUE(well_formed(xml));
  EXPECT_THAT(xml, HasSubstr("<testcase classname=\"smp\" name=\"verdict\"><failure"));
  EXPECT_THAT(xml, HasSubstr("<testcase classname=\"second\" name=\"verdict\"/>"));
  EXPECT_THAT(to_junit(example()), Not(HasSubstr("name=\"verdict\"")));
}

}  // namespace
}  // namespace enlighten::report
