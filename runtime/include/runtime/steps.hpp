// SPDX-License-Identifier: MIT
// The steps by which a CPU of this runtime comes online, in order, each with its inverse.
#pragma once

#include <iterator>

#include <guest/bringup.hpp>

namespace enlighten::runtime {

class Guest;

class Steps {
  static Result<> start_interrupts(Guest& guest, guest::Starting_context& context) noexcept;
  static void stop_interrupts(Guest& guest, Cpu self) noexcept;
  static Result<> prepare_events(Guest& guest, guest::Prepare_context& context) noexcept;
  static Result<> start_events(Guest& guest, guest::Starting_context& context) noexcept;
  static void stop_events(Guest& guest, Cpu self) noexcept;
  static Result<> start_timer(Guest& guest, guest::Starting_context& context) noexcept;
  static void stop_timer(Guest& guest, Cpu self) noexcept;

 public:
  // The interrupt controller before events: an upcall that is raised as the step ends must find its interrupt
  // enabled.
  static constexpr guest::Bringup_step<Guest> all[] = {
      {nullptr, start_interrupts, stop_interrupts},
      {prepare_events, start_events, stop_events},
      {nullptr, start_timer, stop_timer},
  };
  static constexpr const char* names[] = {"interrupts", "events", "timer"};
  static_assert(std::size(names) == std::size(all));

  // The starting steps, on the CPU they are about.
  [[nodiscard]] static Result<> start(Guest& guest, guest::Starting_context& context) noexcept;
};

}  // namespace enlighten::runtime
