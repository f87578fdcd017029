// SPDX-License-Identifier: MIT
// Where lines go: Xen's console, the console a toolstack made, or the UART that the device tree names; one line at
// a time, whoever writes.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include <guest/hypercalls.hpp>
#include <guest/machine.hpp>
#include <guest/pv_console.hpp>
#include <guest/spin_lock.hpp>
#include <report/line.hpp>

namespace enlighten::runtime {

// Before a device is chosen, lines are lost. Lines of different vCPUs never mix.
class Console final : public report::Line_sink {
 public:
  void use(const guest::Hypercalls& xen) noexcept { xen_ = &xen; }
  // Its page must be mapped.
  void use(const guest::Hypercalls& xen, const guest::Pv_console::Place& place) noexcept {
    ring_.emplace(xen, place);
  }
  // The registers must be mapped.
  void use(const guest::Uart_description& uart) noexcept { uart_ = uart.registers.base; }

  // Adds the line end, and leaves out what is beyond report::longest_line. Control characters pass as they are.
  void line(std::string_view text) noexcept override;

  // For a report of several lines that nothing may come between. The holder writes with line_locked(). A CPU whose
  // line() was cut short by an exception holds the lock already, and keeps it.
  void lock() noexcept;
  void unlock() noexcept;
  void line_locked(std::string_view text) noexcept;

  // The one a toolstack made, for who reads from it; null without one.
  [[nodiscard]] guest::Pv_console* toolstacks() noexcept { return ring_ ? &*ring_ : nullptr; }

  // Before the domain goes, and what its backend has not read with it.
  void drain() noexcept;

 private:
  // False if there is no ring, or it stays too full for too long.
  [[nodiscard]] bool wait_for_room(std::size_t characters) noexcept;
  void write_uart(std::string_view text) const noexcept;

  const guest::Hypercalls* xen_ = nullptr;
  std::optional<guest::Pv_console> ring_;
  // The ring was full for too long, or with nobody to read it: no line waits for it until one fits again.
  bool stuck_ = false;
  std::uint64_t uart_ = 0;
  std::atomic<std::uint32_t> holder_{0};  // CPU index + 1
  guest::Spin_lock lock_;
};

// The image's only one.
[[nodiscard]] Console& console() noexcept;

}  // namespace enlighten::runtime
