// SPDX-License-Identifier: MIT
// Writes lines to Xen's console by hypercall, to the ring of a toolstack's, or to a PL011 one character at a time.
#include <runtime/console.hpp>

#include <algorithm>
#include <array>
#include <string_view>

#include <arch/processor.hpp>
#include <runtime/clock.hpp>

#include "pl011.hpp"

namespace enlighten::runtime {
namespace {

constinit Console the_console;

// How long a line waits for room in the ring. Generous: a backend may be paused, restarted, or told to keep domains
// from flooding it.
constexpr auto patience = std::chrono::seconds{30};

}  // namespace

Console& console() noexcept {
  return the_console;
}

void Console::lock() noexcept {
  const std::uint32_t self = guest::cpu_local().cpu.value() + 1;
  // Relaxed: only this CPU can have left its own number there.
  if (holder_.load(std::memory_order_relaxed) != self) {
    lock_.lock();
    holder_.store(self, std::memory_order_relaxed);
  }
}

void Console::unlock() noexcept {
  holder_.store(0, std::memory_order_relaxed);
  lock_.unlock();
}

void Console::line(std::string_view text) noexcept {
  lock();
  line_locked(text);
  unlock();
}

void Console::line_locked(std::string_view text) noexcept {
  // One call a line, so that Xen's own messages fall between lines and not into them.
  std::array<char, report::longest_line + 1> whole;
  const std::size_t length = std::min(text.size(), report::longest_line);
  std::copy_n(text.data(), length, whole.data());
  whole[length] = '\n';
  const std::string_view line{whole.data(), length + 1};
  if (xen_ != nullptr && xen_->console_write(line)) {
    return;
  }
  xen_ = nullptr;
  if (wait_for_room(line.size())) {
    ring_->write(line);
  } else if (uart_ != 0) {
    write_uart(line);
  }
}

bool Console::wait_for_room(std::size_t characters) noexcept {
  const Instant give_up = Clock::now() + patience;
  while (ring_) {
    const bool fits = ring_->room() >= characters;
    if (fits || stuck_ || !ring_->is_connected() || Clock::now() > give_up) {
      stuck_ = !fits;
      return fits;
    }
    ring_->give_way();
  }
  return false;
}

void Console::drain() noexcept {
  static_cast<void>(wait_for_room(guest::Pv_console::size));
}

void Console::write_uart(std::string_view text) const noexcept {
  for (const char character : text) {
    while ((pl011::read(uart_, pl011::Register::flags) & pl011::transmit_full) != 0) {
      arch::relax();
    }
    pl011::write(uart_, pl011::Register::data, static_cast<unsigned char>(character));
  }
}

}  // namespace enlighten::runtime
