// SPDX-License-Identifier: MIT
// What a toolstack asks of a running guest: to end, to turn vCPUs on and off, and what a key means.
#pragma once

#include <cstdint>
#include <string_view>

#include <base/ids.hpp>
#include <base/result.hpp>
#include <runtime/guest.hpp>
#include <runtime/task.hpp>

namespace enlighten::runtime {

// What `xl shutdown` and `xl reboot` write to control/shutdown ([xen] docs/misc/xenstore-paths.pandoc).
enum class Shutdown_request : std::uint8_t { poweroff, halt, reboot };

[[nodiscard]] std::string_view words(Shutdown_request request) noexcept;

// What a program does about a request, on the vCPU that serves them. Each of these can be left as it is.
class Control_handler {
 public:
  // The toolstack has been told that it will be done. A program that has something to bring to an end does so, and
  // then calls power_off() or reboot() itself; or it returns, and that is done here.
  [[nodiscard]] virtual Task<> on_shutdown(Shutdown_request request);
  // `xl sysrq`: a letter or digit, for a program to give a meaning to. As it stands, it is logged.
  virtual void on_key(char key) noexcept;
  // `xl vcpu-set` has turned `cpu` on, or off, which is refused for the last one.
  virtual void on_cpu(Cpu cpu, bool online) noexcept;

 protected:
  Control_handler() = default;
  Control_handler(const Control_handler&) = default;
  Control_handler& operator=(const Control_handler&) = default;
  ~Control_handler() = default;
};

// Serves the requests from here on, beside everything else that the calling vCPU does, for as long as the guest
// lives: tells the toolstack by feature nodes what it can ask for, acknowledges what it asks, and brings vCPUs to
// where it wants them, at once also those that it has had off from the start. If the vCPU that serves is itself to
// go off, another one serves on. The handler must live as long.
//
// A request that is not known, such as `suspend`, which no release up to 4.21 can follow through on Arm, is not
// acknowledged, and logged: a toolstack takes that for no. An error if there is no xenstore, or it refuses.
[[nodiscard]] Task<Result<>> serve_toolstack(Guest& guest, Control_handler& handler);

}  // namespace enlighten::runtime
