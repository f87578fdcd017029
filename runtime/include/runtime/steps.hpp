// SPDX-License-Identifier: MIT
// The steps by which a CPU of this runtime comes online, in order, each with its inverse.
#pragma once

#include <span>

#include <guest/bringup.hpp>

namespace enlighten::runtime {

class Guest;

class Steps {
 public:
  [[nodiscard]] static std::span<const guest::Bringup_step<Guest>> all() noexcept;

 private:
  static Result<> start_interrupts(Guest& guest, guest::Starting_context& context) noexcept;
  static void stop_interrupts(Guest& guest, Cpu self) noexcept;
  static Result<> prepare_events(Guest& guest, guest::Prepare_context& context) noexcept;
  static Result<> start_events(Guest& guest, guest::Starting_context& context) noexcept;
  static void stop_events(Guest& guest, Cpu self) noexcept;
  static Result<> start_timer(Guest& guest, guest::Starting_context& context) noexcept;
  static void stop_timer(Guest& guest, Cpu self) noexcept;
};

}  // namespace enlighten::runtime
