// SPDX-License-Identifier: MIT
// How a function that can fail says so: a value, or an error that names what went wrong and where.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <expected>
#include <type_traits>
#include <utility>

#include <base/text.hpp>

namespace enlighten {
inline namespace base {

// Who said no; what a caller may want to tell apart without reading the text.
enum class Error_kind : std::uint8_t {
  not_on_xen,     // a service of Xen's was asked for and there is no Xen
  unsupported,    // there is a Xen (or a machine) and it does not offer this
  hypercall,      // Xen refused; number is its errno, positive ([xen] errno.h)
  xenstore,       // xenstored refused; number is the errno that it named ([xen] io/xs_wire.h)
  firmware,       // PSCI refused; number is its negative result ([psci] 5.2)
  description,    // a device tree or an ACPI table is wrong; the text names node and property
  protocol,       // another party broke the rules of memory it shares with us; the text names where
  argument,       // the caller asked for something that cannot be
  out_of_memory,  // no memory of ours left
  exhausted,      // a fixed resource (ports, queue entries) is used up
  timed_out,      // what was waited for did not come
  closed,         // the other end of a connection has gone
};

class Error {
 public:
  [[gnu::format(printf, 2, 3)]] static Error make(Error_kind kind, const char* format, ...) noexcept {
    Error error{kind, 0};
    std::va_list arguments;
    va_start(arguments, format);
    error.text_.append_list(format, arguments);
    va_end(arguments);
    return error;
  }

  [[gnu::format(printf, 3, 4)]] static Error numbered(Error_kind kind, std::int64_t number, const char* format,
                                                      ...) noexcept {
    Error error{kind, number};
    std::va_list arguments;
    va_start(arguments, format);
    error.text_.append_list(format, arguments);
    va_end(arguments);
    return error;
  }

  // What a function returns when this has happened: `return Error::make(...)`.
  template <typename T>
  operator std::expected<T, Error>() const noexcept {
    return std::expected<T, Error>{std::unexpect, *this};
  }

  [[nodiscard]] Error_kind kind() const noexcept { return kind_; }
  [[nodiscard]] std::int64_t number() const noexcept { return number_; }
  // One sentence without a full stop, made to be read by a person.
  [[nodiscard]] const char* text() const noexcept { return text_.c_str(); }

 private:
  Error(Error_kind kind, std::int64_t number) noexcept : number_{number}, kind_{kind} {}

  std::int64_t number_;
  Message text_;
  Error_kind kind_;
};

template <typename T = void>
using Result = std::expected<T, Error>;

// The value of a result that has one. Unlike its operator* not [[nodiscard]]: ENLIGHTEN_TRY may be there for the
// check alone.
template <typename Expected>
constexpr typename std::remove_cvref_t<Expected>::value_type value_of(Expected&& result) noexcept {
  return *std::forward<Expected>(result);
}

// Runs `expression`, a Result; on an error returns that error from the enclosing function, else is its value.
#define ENLIGHTEN_TRY(expression) ENLIGHTEN_TRY_AS(ENLIGHTEN_TRY_NAME(__COUNTER__), expression)
#define ENLIGHTEN_TRY_AS(name, expression) ENLIGHTEN_TRY_STATEMENT(name, expression)
#define ENLIGHTEN_TRY_NAME(number) ENLIGHTEN_TRY_JOIN(enlighten_result_, number)
#define ENLIGHTEN_TRY_JOIN(left, right) left##right
#define ENLIGHTEN_TRY_STATEMENT(name, expression)              \
  __extension__({                                              \
    auto&& name = (expression);                                \
    if (!name) {                                               \
      return name.error();                                     \
    }                                                          \
    ::enlighten::value_of(std::forward<decltype(name)>(name)); \
  })

}  // namespace base
}  // namespace enlighten
