// SPDX-License-Identifier: MIT
// Tests of the report on where Xen departs from its documents.
#include <runner/departures.hpp>

#include <vector>

#include <gmock/gmock.h>

namespace enlighten::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<Case_result> results{
    {"a", true, false, {"result: 0"}, {}},
    {"b",
     true,
     false,
     {"result: 1", "Xen promises: none", "Xen departs from its documents: one"},
     {"lost: 3 of 9"}},
    {"b", true, false, {"result: 2", "Xen promises: none", "Xen departs from its documents: one"}, {}},
};
const std::vector<Page> pages{{"subject", "title", "b", "What is done.", "    CALL    1\n\n    CALL    2"}};

TEST(Departures, are_of_cases_that_tell_of_one_each_once) {
  const auto found = find_departures(results, pages);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name, "b");
  EXPECT_EQ(found[0].promise, "none");
  EXPECT_EQ(found[0].departure, "one");
  EXPECT_THAT(found[0].values, ElementsAre("result: 1", "lost: 3 of 9"));
  EXPECT_EQ(found[0].text, "What is done.");
  EXPECT_EQ(found[0].reproduce, "CALL    1\n\nCALL    2");
}

TEST(Departures, are_none_where_no_case_tells_of_one) {
  EXPECT_THAT(find_departures(std::span{results}.first(1), pages), IsEmpty());
}

TEST(Departures, are_a_document_with_version_promise_calls_and_values) {
  const std::string document = departures_document(find_departures(results, pages), "4.17.7 (package)");
  EXPECT_THAT(document, HasSubstr("Measured on Xen 4.17.7 (package)"));
  EXPECT_THAT(document, HasSubstr("## 1. b\n\n- **Promised**: none\n- **Measured**: one\n\nWhat is done.\n"));
  EXPECT_THAT(document, HasSubstr("Calls:\n```\nCALL    1\n\nCALL    2\n```\n"));
  EXPECT_THAT(document, HasSubstr("Values:\n```\nresult: 1\nlost: 3 of 9\n```\n"));
}

TEST(Departures, are_in_short_a_few_lines_each) {
  EXPECT_EQ(departures_summary(find_departures(results, pages)),
            "   1. b\n      promised: none\n      measured: one\n");
}

}  // namespace
}  // namespace enlighten::runner
