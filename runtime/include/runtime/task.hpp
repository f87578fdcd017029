// SPDX-License-Identifier: MIT
// A coroutine that is awaited once: it starts when it is awaited and resumes its awaiter when it returns.
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include <runtime/panic.hpp>

namespace enlighten::runtime {

template <typename T = void>
class Task;

namespace detail {

class Promise_base {
 public:
  // Nothing runs before somebody awaits.
  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }

  // On to the awaiter without growing the stack ([c++23] symmetric transfer).
  struct Final {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <typename Promise>
    [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) const noexcept {
      return finished.promise().continuation_;
    }
    void await_resume() const noexcept {}
  };
  [[nodiscard]] Final final_suspend() const noexcept { return {}; }

  // There are no exceptions in an image.
  [[noreturn]] void unhandled_exception() const noexcept { panic("an exception left a coroutine"); }

  void continue_with(std::coroutine_handle<> continuation) noexcept { continuation_ = continuation; }

 private:
  std::coroutine_handle<> continuation_ = std::noop_coroutine();
};

template <typename T>
class Promise : public Promise_base {
 public:
  [[nodiscard]] Task<T> get_return_object() noexcept;
  template <typename Value>
  void return_value(Value&& value) noexcept {
    value_.emplace(std::forward<Value>(value));
  }
  [[nodiscard]] T take() noexcept { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public Promise_base {
 public:
  [[nodiscard]] Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const noexcept {}
};

}  // namespace detail

// Move-only; destroying one that has not come to its end destroys the coroutine where it stands.
template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;

  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_{handle} {}
  Task(Task&& other) noexcept : handle_{std::exchange(other.handle_, nullptr)} {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) {
      handle_.destroy();
    }
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) noexcept {
    handle_.promise().continue_with(awaiter);
    return handle_;
  }
  [[nodiscard]] T await_resume() noexcept { return handle_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <typename T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>{std::coroutine_handle<Promise>::from_promise(*this)};
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>{std::coroutine_handle<Promise>::from_promise(*this)};
}

}  // namespace detail
}  // namespace enlighten::runtime
