// SPDX-License-Identifier: MIT
// A watchdog of Xen's: the domain ends unless it is fed in time.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

#include <base/result.hpp>
#include <guest/hypercalls.hpp>

namespace enlighten::guest {

// SCHEDOP_watchdog ([xen] sched.h). A domain has two, of which each ends it, as SHUTDOWN_watchdog, when it is not
// fed for as long as it was set to; what becomes of it then is its toolstack's to decide. Move-only; an empty one,
// moved from or stopped, is no watchdog, and gone is what is not there any more.
class [[nodiscard]] Watchdog {
 public:
  // Seconds are Xen's unit; at least one, for none at all would end the domain at once.
  [[nodiscard]] static Result<Watchdog> start(const Hypercalls& xen, std::chrono::seconds patience) noexcept;

  Watchdog(Watchdog&& other) noexcept
      : xen_{std::exchange(other.xen_, nullptr)}, id_{other.id_}, patience_{other.patience_} {}
  Watchdog& operator=(Watchdog&& other) noexcept;
  ~Watchdog();

  // From now on it waits as long again. On any vCPU.
  [[nodiscard]] Result<> feed() const noexcept;
  [[nodiscard]] Result<> stop() noexcept;

  [[nodiscard]] std::chrono::seconds patience() const noexcept { return patience_; }

 private:
  Watchdog(const Hypercalls& xen, std::uint32_t id, std::chrono::seconds patience) noexcept
      : xen_{&xen}, id_{id}, patience_{patience} {}

  const Hypercalls* xen_;
  std::uint32_t id_;
  std::chrono::seconds patience_;
};

}  // namespace enlighten::guest
