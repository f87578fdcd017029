// SPDX-License-Identifier: MIT
// Why a path cannot be, in words.
#include <guest/xenstore_path.hpp>

namespace enlighten::guest {

Result<> Xenstore_path::check() const noexcept {
  const char* what = "no character at all";
  switch (problem_) {
    case Problem::none:
      if (length_ != 0) {
        return {};
      }
      break;
    case Problem::length:
      what = "more than 254 characters";
      break;
    case Problem::character:
      what = "what is no letter, digit, - _ @ or /";
      break;
    case Problem::slash:
      what = "a slash too many, or nothing,";
      break;
  }
  return Error::make(Error_kind::argument, "xenstore: no path can have %s behind \"%.*s\"", what,
                     static_cast<int>(length_), text_.data());
}

}  // namespace enlighten::guest
