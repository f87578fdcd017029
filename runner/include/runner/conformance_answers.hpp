// SPDX-License-Identifier: MIT
// The conformance cases, asked of real Xen and of the model, in each setting there is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace enlighten::runner {

enum class Domains : std::uint8_t { one, two };
// Whether Xen keeps ordinary domains apart: XSM SILO, Arm's default, or xsm=dummy.
enum class Silo : std::uint8_t { on, off };

struct Setting {
  std::string_view name;  // as a person says it
  std::string_view file;  // what its files are called
  Domains domains;
  Silo silo;
};

// All of them, in the order they are asked.
[[nodiscard]] std::span<const Setting> conformance_settings() noexcept;

struct Answers {
  int exit_code = 0;
  std::string text;     // KTAP; of two domains first the one's, then the other's
  std::string release;  // "4.17"
  std::string xen;      // which it was, in full
};

// Boots the cases, showing what they print. `xen`: a release, or the path of a Xen.
[[nodiscard]] Answers ask_xen(const Setting& setting, const std::optional<std::string>& xen);

// Builds the program that is the cases around the model, and asks it.
void build_model();
[[nodiscard]] Answers ask_model(const Setting& setting, const std::string& release);

}  // namespace enlighten::runner
