// SPDX-License-Identifier: MIT
// Takes one end of a paravirtual device through its states in xenstore: co_await end.run().
#pragma once

#include <chrono>
#include <optional>

#include <base/result.hpp>
#include <drivers/xenbus.hpp>
#include <guest/xenstore_path.hpp>
#include <runtime/clock.hpp>
#include <runtime/guest.hpp>
#include <runtime/task.hpp>
#include <runtime/xenstore.hpp>

namespace enlighten::runtime {

using drivers::Xenbus_role;
using drivers::Xenbus_state;

// What a driver does at each step (drivers::Xenbus_step), before its state is written. An error of one ends the
// device: it is closed, and run() returns it.
class Xenbus_device {
 public:
  [[nodiscard]] virtual Task<Result<>> publish() = 0;
  [[nodiscard]] virtual Task<Result<>> connect() = 0;
  [[nodiscard]] virtual Task<Result<>> reconfigure() = 0;
  [[nodiscard]] virtual Task<Result<>> close() = 0;
  [[nodiscard]] virtual Task<Result<>> release() = 0;

 protected:
  Xenbus_device() = default;
  Xenbus_device(const Xenbus_device&) = default;
  Xenbus_device& operator=(const Xenbus_device&) = default;
  ~Xenbus_device() = default;
};

// Belongs to the vCPU on which it is run.
class Xenbus_end {
 public:
  static constexpr Duration patience = std::chrono::seconds{30};

  // `own` and `peer` are the directories with each end's `state`.
  Xenbus_end(Guest& guest, Xenbus_role role, const Xenstore_path& own, const Xenstore_path& peer,
             Xenbus_device& device) noexcept
      : guest_{guest}, role_{role}, own_path_{own}, peer_path_{peer}, device_{device} {}
  Xenbus_end(const Xenbus_end&) = delete;
  Xenbus_end& operator=(const Xenbus_end&) = delete;

  // Until the device is closed, whoever has begun to close it, or has vanished. An error if a step of the device
  // failed, the other end did what it may not, or did nothing for `longest` when it was its turn to, but for a
  // connected device; it is closed then, too. So it is, with nothing written, if this end's own node is gone, which
  // is not made again, and if xenstore does not answer any more.
  [[nodiscard]] Task<Result<>> run(Duration longest = patience);

  // While it runs: begins to close the device.
  void close() noexcept;

  // As it was written last.
  [[nodiscard]] Xenbus_state state() const noexcept { return own_; }

 private:
  static void beat(void* self) noexcept;
  [[nodiscard]] Task<Result<std::optional<Xenbus_state>>> read_peer(Store& store);
  [[nodiscard]] Task<Result<>> write_own(Store& store, Xenbus_state state);
  [[nodiscard]] drivers::Xenbus_move decide(const Result<std::optional<Xenbus_state>>& peer) noexcept;
  [[nodiscard]] Task<Result<>> take(drivers::Xenbus_step step);
  [[nodiscard]] Task<Result<>> follow(Store& store, Duration longest);
  [[nodiscard]] Task<Result<>> abandon(Error reason);
  void fail(const Error& error) noexcept;

  Guest& guest_;
  Xenbus_role role_;
  Xenstore_path own_path_;
  Xenstore_path peer_path_;
  Xenbus_device& device_;
  Watch* watch_ = nullptr;
  Xenbus_state own_ = Xenbus_state::unknown;
  std::optional<Error> failure_;
  bool wants_to_close_ = false;
  bool has_closed_ = false;  // the device has heard of it
  bool has_released_ = false;
  bool has_given_up_ = false;  // the other end is taken for one that has vanished
};

}  // namespace enlighten::runtime
