// SPDX-License-Identifier: MIT
// Tests of errors and of how they travel.
#include <base/result.hpp>

#include <memory>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

namespace enlighten {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) {
    return Error::make(Error_kind::argument, "%d is odd", number);
  }
  return number / 2;
}

Result<> check_even(int number, int& reached) {
  ENLIGHTEN_TRY(half(number));
  ++reached;
  return {};
}

Result<int> quarter(int number, int& reached) {
  ENLIGHTEN_TRY(check_even(number, reached));
  const int first = ENLIGHTEN_TRY(half(number));
  ++reached;
  return ENLIGHTEN_TRY(half(first));
}

Result<std::unique_ptr<std::string>> make_owned(bool succeed) {
  if (!succeed) {
    return Error::make(Error_kind::out_of_memory, "no room");
  }
  return std::make_unique<std::string>("owned");
}

Result<std::string> take_owned(bool succeed) {
  const std::unique_ptr<std::string> owned = ENLIGHTEN_TRY(make_owned(succeed));
  return *owned;
}

TEST(Error, has_a_kind_and_a_formatted_text) {
  const Error error = Error::make(Error_kind::description, "%s: no %s", "/cpus", "reg");
  EXPECT_EQ(error.kind(), Error_kind::description);
  EXPECT_EQ(error.number(), 0);
  EXPECT_STREQ(error.text(), "/cpus: no reg");
}

TEST(Error, keeps_the_number_the_other_side_gave) {
  const Error error = Error::numbered(Error_kind::firmware, -4, "CPU_ON of %d", 3);
  EXPECT_EQ(error.kind(), Error_kind::firmware);
  EXPECT_EQ(error.number(), -4);
  EXPECT_STREQ(error.text(), "CPU_ON of 3");
}

TEST(Error, cuts_a_text_that_is_too_long) {
  const Error error = Error::make(Error_kind::argument, "%s", std::string(500, 'x').c_str());
  const std::string text = error.text();
  EXPECT_LT(text.size(), 200U);
  EXPECT_TRUE(text.ends_with("xxx..."));
}

TEST(Result, try_is_the_value_of_a_success) {
  int reached = 0;
  const Result<int> result = quarter(12, reached);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(*result, 3);
  EXPECT_EQ(reached, 2);
}

TEST(Result, try_returns_the_error_from_the_enclosing_function) {
  int reached = 0;
  const Result<int> result = quarter(6, reached);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind(), Error_kind::argument);
  EXPECT_STREQ(result.error().text(), "3 is odd");
  EXPECT_EQ(reached, 2);
}

TEST(Result, try_runs_nothing_after_the_first_error) {
  int reached = 0;
  const Result<int> result = quarter(7, reached);
  ASSERT_FALSE(result.has_value());
  EXPECT_STREQ(result.error().text(), "7 is odd");
  EXPECT_EQ(reached, 0);
}

TEST(Result, try_evaluates_its_expression_once) {
  int calls = 0;
  const auto counted = [&calls]() -> Result<int> { return ++calls; };
  const auto caller = [&counted]() -> Result<int> { return ENLIGHTEN_TRY(counted()); };
  EXPECT_EQ(caller(), 1);
  EXPECT_EQ(calls, 1);
}

TEST(Result, try_nests) {
  const auto caller = [](int number) -> Result<int> { return ENLIGHTEN_TRY(half(ENLIGHTEN_TRY(half(number)))); };
  EXPECT_EQ(caller(8), 2);
  EXPECT_STREQ(caller(6).error().text(), "3 is odd");
  EXPECT_STREQ(caller(5).error().text(), "5 is odd");
}

TEST(Result, try_moves_a_value_that_cannot_be_copied) {
  EXPECT_EQ(take_owned(true), "owned");
  EXPECT_STREQ(take_owned(false).error().text(), "no room");
}

TEST(Result, try_on_a_named_result_moves_neither_value_nor_error) {
  const auto caller = [](const Result<std::string>& given) -> Result<std::string> { return ENLIGHTEN_TRY(given); };
  const Result<std::string> good = std::string(100, 'x');
  EXPECT_EQ(caller(good)->size(), 100U);
  EXPECT_EQ(good->size(), 100U);
}

// Copied as bytes: an error can be stored and passed without running code of its own.
static_assert(std::is_trivially_copyable_v<Error>);
static_assert(std::is_nothrow_move_constructible_v<Result<int>>);

}  // namespace
}  // namespace enlighten
