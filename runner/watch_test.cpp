// SPDX-License-Identifier: MIT
// Tests of the judgement of a running guest and of Xen's words.
#include <runner/watch.hpp>

#include <array>
#include <string>

#include <gmock/gmock.h>

namespace enlighten::runner {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class Watch_test : public testing::Test {
 protected:
  void guest(const std::string& text) { watch_.read({Writer::guest, 1, text}); }
  void xen(const std::string& text) { watch_.read({Writer::machine, 0, text}); }

  void refuse_for_its_device_tree() {
    xen("*** LOADING DOMU cpus=33 memory=20000KB ***");
    xen("Device tree generation failed (-3).");
    xen("");
    xen("****************************************");
    xen("Panic on CPU 0:");
    xen("Could not set up domain domU1");
    xen("****************************************");
  }

  [[nodiscard]] report::Run told() {
    report::Run run;
    run.ending = report::Machine_ending::stopped;
    run.domains.emplace_back();
    watch_.tell(run);
    return run;
  }

  Watch watch_{std::array{Domain{.name = "guest", .vcpus = 33, .memory_mib = 128, .arguments = {}}}};
};

TEST_F(Watch_test, waits_while_the_guest_talks) {
  guest("hello");
  guest("ok 1 a test");
  xen("d1v0 Unhandled SMC/HVC: 0xdead");
  EXPECT_FALSE(watch_.over());
}

TEST_F(Watch_test, is_over_with_the_end_record) {
  guest("enlighten: end verdict=success code=0 reason=\"done\"");
  EXPECT_TRUE(watch_.over());
  EXPECT_EQ(told().domains.front().ending, report::Domain_ending::shut_down);
}

TEST_F(Watch_test, is_not_over_with_a_line_that_only_begins_like_the_record) {
  guest("enlighten: endless verdict=success");
  guest("  enlighten: end verdict=success");
  EXPECT_FALSE(watch_.over());
}

TEST_F(Watch_test, is_over_when_xens_panic_is_told_completely) {
  xen("Panic on CPU 1:");
  xen("Out of luck");
  EXPECT_FALSE(watch_.over());
  xen("****************************************");
  EXPECT_TRUE(watch_.over());
  const report::Run run = told();
  EXPECT_EQ(run.ending, report::Machine_ending::xen_panicked);
  EXPECT_THAT(run.ending_text, HasSubstr("Out of luck"));
}

TEST_F(Watch_test, takes_a_panic_for_one_even_if_its_end_never_comes) {
  xen("Panic on CPU 1:");
  xen("Out of luck");
  EXPECT_EQ(told().ending, report::Machine_ending::xen_panicked);
}

TEST_F(Watch_test, explains_the_device_tree_that_33_vcpus_do_not_fit_in) {
  refuse_for_its_device_tree();
  ASSERT_TRUE(watch_.over());
  const report::Run run = told();
  EXPECT_EQ(run.domains.front().ending, report::Domain_ending::refused);
  EXPECT_THAT(run.ending_text, HasSubstr("Device tree generation failed (-3)."));
  EXPECT_THAT(run.ending_text, HasSubstr("Could not set up domain domU1"));
  EXPECT_THAT(run.ending_text, HasSubstr("4 KiB"));
  EXPECT_THAT(run.ending_text, HasSubstr("33 vCPUs"));
}

TEST_F(Watch_test, calls_a_domain_crashed_when_xen_does) {
  guest("hello");
  xen("Domain 1 (vcpu#2) crashed on cpu#0:");
  EXPECT_TRUE(watch_.over());
  EXPECT_THAT(watch_.xen_words(), HasSubstr("Domain 1 (vcpu#2) crashed"));
  EXPECT_EQ(told().domains.front().ending, report::Domain_ending::crashed);
}

TEST_F(Watch_test, does_not_let_the_guest_speak_for_xen) {
  guest("Panic on CPU 0:");
  guest("****************************************");
  guest("Domain 1 (vcpu#2) crashed on cpu#0:");
  EXPECT_FALSE(watch_.over());
}

class Watch_of_two : public testing::Test {
 protected:
  void guest(unsigned domain, const std::string& text) { watch_.read({Writer::guest, domain, text}); }
  void ends(unsigned domain) { guest(domain, "enlighten: end verdict=success code=0"); }
  [[nodiscard]] report::Run told() {
    report::Run run;
    run.ending = report::Machine_ending::stopped;
    run.domains.resize(2);
    watch_.tell(run);
    return run;
  }

  Watch watch_{std::array{Domain{.name = "a", .vcpus = 1, .memory_mib = 128, .arguments = {}},
                          Domain{.name = "b", .vcpus = 1, .memory_mib = 128, .arguments = {}}}};
};

TEST_F(Watch_of_two, is_over_when_both_have_ended) {
  ends(2);
  EXPECT_FALSE(watch_.over());
  ends(1);
  EXPECT_TRUE(watch_.over());
}

TEST_F(Watch_of_two, waits_for_the_other_when_xen_crashes_one) {
  watch_.read({Writer::machine, 0, "Domain 2 (vcpu#0) crashed on cpu#1:"});
  EXPECT_FALSE(watch_.over());
  ends(1);
  EXPECT_TRUE(watch_.over());
  const report::Run run = told();
  EXPECT_EQ(run.domains.at(0).ending, report::Domain_ending::shut_down);
  EXPECT_EQ(run.domains.at(1).ending, report::Domain_ending::crashed);
}

TEST_F(Watch_of_two, names_who_is_late_and_how_far_they_got) {
  guest(1, "hello");
  EXPECT_EQ(watch_.unfinished(), "a has not said how it ended, b has printed nothing");
  ends(1);
  EXPECT_EQ(watch_.unfinished(), "b has printed nothing");
}

TEST_F(Watch_of_two, keeps_their_results_apart) {
  guest(1, "KTAP version 1");
  guest(2, "KTAP version 1");
  guest(1, "not ok 1 of a");
  guest(2, "ok 1 of b");
  const report::Run run = told();
  EXPECT_EQ(run.domains.at(0).tests.count(report::Outcome::failed), 1U);
  EXPECT_EQ(run.domains.at(1).tests.count(report::Outcome::failed), 0U);
  EXPECT_EQ(run.domains.at(1).tests.count(report::Outcome::passed), 1U);
}

TEST(Meaning, adds_nothing_to_words_that_speak_for_themselves) {
  EXPECT_THAT(meaning("Out of luck", 4), IsEmpty());
}

}  // namespace
}  // namespace enlighten::runner
