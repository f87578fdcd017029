// SPDX-License-Identifier: MIT
// Sets, feeds and stops a watchdog of Xen's.
#include <guest/watchdog.hpp>

#include <limits>

#include <abi/sched_op.hpp>

namespace enlighten::guest {
namespace {

// [xen] sched.h of Xen's own: NR_DOMAIN_WATCHDOG_TIMERS.
constexpr std::int64_t most = 2;

// Id 0 asks for a new one, and a timeout of 0 stops one ([xen] sched.h, SCHEDOP_watchdog).
[[nodiscard]] Result<std::int64_t> set(const Hypercalls& xen, std::uint32_t id, std::uint32_t seconds) noexcept {
  const abi::Sched_watchdog argument{.id = id, .timeout = seconds};
  return xen.call(Call::sched_op, "SCHEDOP_watchdog", abi::Hypercall::sched_op,
                  static_cast<std::uint64_t>(abi::Sched_op::watchdog), reinterpret_cast<std::uintptr_t>(&argument));
}

}  // namespace

Result<Watchdog> Watchdog::start(const Hypercalls& xen, std::chrono::seconds patience) noexcept {
  if (patience.count() < 1 || patience.count() > std::numeric_limits<std::uint32_t>::max()) {
    return Error::make(Error_kind::argument, "watchdog: it cannot wait for %lld s, but for 1 s and longer",
                       static_cast<long long>(patience.count()));
  }
  const std::int64_t id = ENLIGHTEN_TRY(set(xen, 0, static_cast<std::uint32_t>(patience.count())));
  // Xen's ENOSPC is an unsigned int by the time it is returned: no error to a caller of 64 bits, but no id either.
  if (id < 1 || id > most) {
    return Error::make(Error_kind::exhausted, "watchdog: the domain has all it can have, which are %u",
                       static_cast<unsigned>(most));
  }
  return Watchdog{xen, static_cast<std::uint32_t>(id), patience};
}

Watchdog& Watchdog::operator=(Watchdog&& other) noexcept {
  std::swap(xen_, other.xen_);
  std::swap(id_, other.id_);
  std::swap(patience_, other.patience_);
  return *this;
}

Watchdog::~Watchdog() {
  static_cast<void>(stop());
}

Result<> Watchdog::feed() const noexcept {
  if (xen_ == nullptr) {
    return Error::make(Error_kind::argument, "watchdog: it was stopped");
  }
  ENLIGHTEN_TRY(set(*xen_, id_, static_cast<std::uint32_t>(patience_.count())));
  return {};
}

Result<> Watchdog::stop() noexcept {
  if (const Hypercalls* const xen = std::exchange(xen_, nullptr); xen != nullptr) {
    ENLIGHTEN_TRY(set(*xen, id_, 0));
  }
  return {};
}

}  // namespace enlighten::guest
