// SPDX-License-Identifier: MIT
// Tests of the reading of the serial port.
#include <runner/console.hpp>

#include <string>

#include <gmock/gmock.h>

namespace enlighten::runner {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

auto guest_line(const std::string& text) {
  return testing::AllOf(Field(&Console_line::writer, Writer::guest), Field(&Console_line::text, text));
}

auto machine_line(const std::string& text) {
  return testing::AllOf(Field(&Console_line::writer, Writer::machine), Field(&Console_line::text, text));
}

std::string from_domain(unsigned domain, const std::string& text) {
  return "(d" + std::to_string(domain) + ") " + text + "\r\n";
}

TEST(Console, tells_the_guests_lines_from_xens) {
  Console console{Beneath::xen};
  EXPECT_THAT(console.feed("(XEN) Brought up 2 CPUs\r\n(d1) hello\r\n"),
              ElementsAre(machine_line("Brought up 2 CPUs"), guest_line("hello")));
}

TEST(Console, knows_which_domain_a_line_is_of) {
  Console console{Beneath::xen};
  EXPECT_THAT(console.feed("(d12) hello\n"), ElementsAre(Field(&Console_line::domain, 12U)));
}

TEST(Console, gives_a_line_when_it_is_whole_however_it_comes) {
  Console console{Beneath::xen};
  EXPECT_THAT(console.feed("(d1"), IsEmpty());
  EXPECT_THAT(console.feed(") he"), IsEmpty());
  EXPECT_THAT(console.feed("llo\r\n(d1) y"), ElementsAre(guest_line("hello")));
  EXPECT_THAT(console.feed("ou\n"), ElementsAre(guest_line("you")));
}

TEST(Console, keeps_what_only_looks_like_a_prefix) {
  Console console{Beneath::xen};
  EXPECT_THAT(console.feed("(dx) a\n(d) b\n(d1)\n"),
              ElementsAre(machine_line("(dx) a"), machine_line("(d) b"), machine_line("(d1)")));
  EXPECT_THAT(console.feed("(d1) (XEN) not really\n"), ElementsAre(guest_line("(XEN) not really")));
}

TEST(Console, takes_every_line_for_the_guests_where_there_is_no_xen) {
  Console console{Beneath::nothing};
  EXPECT_THAT(console.feed("(XEN) said by a guest\nhello\n"),
              ElementsAre(guest_line("(XEN) said by a guest"), guest_line("hello")));
}

TEST(Console, joins_what_xen_cut_of_a_line_written_at_once) {
  Console console{Beneath::xen};
  const std::string first(254, 'a');
  const std::string second(254, 'b');
  EXPECT_THAT(console.feed(from_domain(1, first)), IsEmpty());
  EXPECT_THAT(console.feed(from_domain(1, second) + from_domain(1, "rest")),
              ElementsAre(guest_line(first + second + "rest")));
}

TEST(Console, gives_a_line_of_just_the_cut_length_once) {
  Console console{Beneath::xen};
  const std::string text(254, 'a');
  EXPECT_THAT(console.feed(from_domain(1, text) + from_domain(1, "") + from_domain(1, "next")),
              ElementsAre(guest_line(text), guest_line("next")));
}

TEST(Console, joins_what_xen_cut_of_a_line_written_character_by_character) {
  Console console{Beneath::xen};
  const std::string text(199, 'a');
  EXPECT_THAT(console.feed(from_domain(1, text) + from_domain(1, "rest")), ElementsAre(guest_line(text + "rest")));
}

TEST(Console, leaves_a_line_of_199_alone_from_a_guest_that_writes_whole_lines) {
  Console console{Beneath::xen};
  const std::string longer(220, 'a');
  const std::string text(199, 'b');
  EXPECT_THAT(console.feed(from_domain(1, longer) + from_domain(1, text) + from_domain(1, "next")),
              ElementsAre(guest_line(longer), guest_line(text), guest_line("next")));
}

TEST(Console, joins_across_lines_of_xen_and_of_other_domains) {
  Console console{Beneath::xen};
  const std::string text(254, 'a');
  EXPECT_THAT(
      console.feed(from_domain(1, text) + "(XEN) between\r\n" + from_domain(2, "other") + from_domain(1, "rest")),
      ElementsAre(machine_line("between"), guest_line("other"), guest_line(text + "rest")));
}

TEST(Console, never_takes_a_record_for_the_rest_of_a_line) {
  Console console{Beneath::xen};
  const std::string text(199, 'a');
  EXPECT_THAT(console.feed(from_domain(1, text) + from_domain(1, "enlighten: end verdict=success")),
              ElementsAre(guest_line(text), guest_line("enlighten: end verdict=success")));
}

TEST(Console, gives_at_the_end_what_had_no_line_end) {
  Console console{Beneath::xen};
  const std::string text(254, 'a');
  EXPECT_THAT(console.feed(from_domain(1, text) + "(XEN) half a li"), IsEmpty());
  EXPECT_THAT(console.finish(), ElementsAre(machine_line("half a li"), guest_line(text)));
  EXPECT_THAT(console.finish(), IsEmpty());
}

}  // namespace
}  // namespace enlighten::runner
