// SPDX-License-Identifier: MIT
// Tests of how the pages on conformance cases are read and found.
#include <runner/conformance_pages.hpp>

#include <string>

#include <gmock/gmock.h>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

constexpr std::string_view two_pages =
    "# ports: event channels\n\n## Closing twice is EINVAL\nPromised.\nDone.\n\n"
    "## a poll waits\nText.\n\nTo reproduce:\n\n    CALL 1    0\n    CALL 2    -22\n";

TEST(Pages, have_a_name_a_text_and_perhaps_calls) {
  const auto pages = parse_pages("ports", two_pages);
  ASSERT_EQ(pages.size(), 2U);
  EXPECT_EQ(pages[0].subject, "ports");
  EXPECT_EQ(pages[0].title, "ports: event channels");
  EXPECT_EQ(pages[0].name, "Closing twice is EINVAL");
  EXPECT_EQ(pages[0].text, "Promised.\nDone.");
  EXPECT_EQ(pages[0].reproduce, "");
  EXPECT_EQ(pages[1].text, "Text.");
  EXPECT_EQ(pages[1].reproduce, "    CALL 1    0\n    CALL 2    -22");
}

TEST(Pages, are_found_by_a_part_of_the_name_by_subject_and_all_together) {
  const auto pages = parse_pages("ports", two_pages);
  EXPECT_THAT(find_pages(pages, "closing"), ElementsAre(Field(&Page::name, "Closing twice is EINVAL")));
  EXPECT_EQ(find_pages(pages, "ports").size(), 2U);
  EXPECT_EQ(find_pages(pages, "all").size(), 2U);
  EXPECT_THAT(find_pages(pages, "grants"), IsEmpty());
}

TEST(Pages, are_a_document_that_reads_as_they_were_written) {
  EXPECT_EQ(as_markdown(parse_pages("ports", two_pages)), std::string{two_pages});
}

TEST(Pages, are_refused_with_the_line_that_is_wrong) {
  EXPECT_THAT([] { static_cast<void>(parse_pages("ports", "# ports\n\nstray\n")); },
              ThrowsMessage<Failure>(HasSubstr("ports.md, line 3")));
  EXPECT_THAT([] { static_cast<void>(parse_pages("ports", "## a\nx\n\nTo reproduce:\nCALL\n")); },
              ThrowsMessage<Failure>(HasSubstr("ports.md, line 5")));
  EXPECT_THAT([] { static_cast<void>(parse_pages("ports", "## a\n\n## b\nx\n")); },
              ThrowsMessage<Failure>(HasSubstr("\"a\" is empty")));
}

}  // namespace
}  // namespace enlighten::runner
