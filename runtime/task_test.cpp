// SPDX-License-Identifier: MIT
// Tests of the life of a coroutine that is awaited: when it starts, what it returns, when its frame goes.
#include <runtime/task.hpp>

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace enlighten::runtime {
namespace {

// Something to stand still at until a test goes on.
struct Gate {
  std::coroutine_handle<> waiter;

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { waiter = handle; }
  void await_resume() const noexcept {}
};

// Starts a task from outside any coroutine.
struct Root {
  struct promise_type {
    Root get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept {}
  };
};

Root drive(Task<> task) {
  co_await task;
}

TEST(Task, runs_nothing_before_it_is_awaited) {
  bool ran = false;
  const auto body = [](bool& flag) -> Task<> {
    flag = true;
    co_return;
  };
  Task<> task = body(ran);
  EXPECT_FALSE(ran);
  drive(std::move(task));
  EXPECT_TRUE(ran);
}

TEST(Task, gives_its_value_to_who_awaits_it) {
  const auto inner = []() -> Task<std::unique_ptr<std::string>> {
    co_return std::make_unique<std::string>("whole");
  };
  std::string got;
  const auto outer = [&]() -> Task<> { got = *co_await inner(); };
  drive(outer());
  EXPECT_EQ(got, "whole");
}

Task<int> stop_at(Gate& gate, std::string& order) {
  order += "in ";
  co_await gate;
  order += "back ";
  co_return 7;
}

Task<> append_what_comes(Task<int> inner, std::string& order) {
  order += std::to_string(co_await inner);
}

TEST(Task, goes_on_where_its_awaiter_stood_when_it_returns_later) {
  Gate gate;
  std::string order;
  drive(append_what_comes(stop_at(gate, order), order));
  EXPECT_EQ(order, "in ");
  ASSERT_TRUE(gate.waiter);
  gate.waiter.resume();
  EXPECT_EQ(order, "in back 7");
}

TEST(Task, destroys_what_stands_in_a_frame_that_never_ran_or_never_ended) {
  auto held = std::make_shared<int>(1);
  const auto body = [](std::shared_ptr<int> own, Gate* gate) -> Task<> {
    if (gate != nullptr) {
      co_await *gate;
    }
    static_cast<void>(own);
  };
  {
    const Task<> never_ran = body(held, nullptr);
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
  Gate gate;
  {
    Task<> half_way = body(held, &gate);
    half_way.await_suspend(std::noop_coroutine()).resume();
    EXPECT_TRUE(gate.waiter);
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Task, belongs_to_who_it_was_moved_to) {
  int runs = 0;
  const auto body = [&]() -> Task<> {
    ++runs;
    co_return;
  };
  Task<> first = body();
  Task<> second = std::move(first);
  first = body();
  drive(std::move(second));
  drive(std::move(first));
  EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace enlighten::runtime
