// SPDX-License-Identifier: MIT
// Call stacks by libbacktrace, which comes with GCC and reads the program's own debug information.
#include <model_machine/call_stack.hpp>

#include <backtrace.h>
#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <string_view>

namespace enlighten::model_machine {
namespace {

// A program without debug information has no names; that is all it means.
void ignore_error(void* /*data*/, const char* /*message*/, int /*number*/) {}

backtrace_state* names() {
  static backtrace_state* const state = backtrace_create_state(nullptr, 1, ignore_error, nullptr);
  return state;
}

int add_address(void* data, std::uintptr_t address) {
  static_cast<std::vector<std::uintptr_t>*>(data)->push_back(address);
  return 0;
}

std::string readable(const char* function) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name{abi::__cxa_demangle(function, nullptr, nullptr, &status),
                                                         &std::free};
  return status == 0 ? name.get() : function;
}

// Whose functions lie between a guest's and this place, or beneath its first.
bool is_the_models(std::string_view function, std::string_view file) {
  for (const std::string_view folder : {"/model/", "/arch/hosted/", "/bits/", "/c++/", "nptl/", "sysdeps/"}) {
    if (file.find(folder) != std::string_view::npos) {
      return true;
    }
  }
  return function.starts_with("std::");
}

struct Lines {
  const char* indent;
  std::string text;
};

int add_line(void* data, std::uintptr_t /*address*/, const char* file, int line, const char* function) {
  if (function == nullptr || file == nullptr) {
    return 0;
  }
  const std::string name = readable(function);
  if (is_the_models(name, file)) {
    return 0;
  }
  std::string_view place{file};
  while (place.starts_with("../")) {
    place.remove_prefix(3);
  }
  Lines& lines = *static_cast<Lines*>(data);
  lines.text += lines.indent + name + " (" + std::string{place} + ":" + std::to_string(line) + ")\n";
  return 0;
}

}  // namespace

Call_stack Call_stack::here() {
  Call_stack stack;
  constexpr int this_function = 1;
  backtrace_simple(names(), this_function, add_address, ignore_error, &stack.addresses_);
  return stack;
}

std::string Call_stack::words(const char* indent) const {
  Lines lines{indent, {}};
  for (const std::uintptr_t address : addresses_) {
    backtrace_pcinfo(names(), address, add_line, ignore_error, &lines);
  }
  return lines.text;
}

}  // namespace enlighten::model_machine
