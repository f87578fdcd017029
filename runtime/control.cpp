// SPDX-License-Identifier: MIT
// Three watches and what follows from each: control/shutdown, control/sysrq, and cpu with all vCPUs below it.
#include <runtime/control.hpp>

#include <optional>
#include <string>
#include <utility>

#include <base/text_table.hpp>
#include <runtime/log.hpp>
#include <runtime/power.hpp>
#include <runtime/xenstore.hpp>

namespace enlighten::runtime {
namespace {

using namespace std::string_view_literals;

constexpr Text_table requests{Text_of{Shutdown_request::poweroff, "poweroff"},
                              Text_of{Shutdown_request::halt, "halt"}, Text_of{Shutdown_request::reboot, "reboot"}};

// The requests that have a feature node ([xen] docs/misc/xenstore-paths.pandoc); libxl makes them for us to write.
constexpr const char* features[] = {"feature-poweroff", "feature-reboot"};

[[nodiscard]] std::optional<Shutdown_request> request_named(std::string_view name) noexcept {
  const auto number = requests.number_of([name](std::string_view text) { return text == name; });
  return number ? std::optional{static_cast<Shutdown_request>(*number)} : std::nullopt;
}

class Control {
 public:
  Control(Guest& guest, Store& store, Control_handler& handler) noexcept
      : guest_{guest}, store_{store}, handler_{handler} {}

  [[nodiscard]] Task<Result<>> announce();
  [[nodiscard]] Task<> follow_shutdown();
  [[nodiscard]] Task<> follow_keys();
  [[nodiscard]] Task<> follow_cpus();

 private:
  // What stands in a node, and an empty string put in its place: this is how a request is acknowledged.
  [[nodiscard]] Task<Result<std::string>> take(Xenstore_path node, bool (*is_known)(std::string_view value));
  [[nodiscard]] Task<> bring(Cpu cpu, bool online);

  // Runs `look` after each change of `node`, until there is an error.
  template <typename Look>
  [[nodiscard]] Task<> follow(Xenstore_path node, Look look);

  Guest& guest_;
  Store& store_;
  Control_handler& handler_;
};

Task<Result<>> Control::announce() {
  for (const char* const feature : features) {
    const Result<> written = co_await store_.write(own_domain / "control" / feature, "1");
    if (!written) {
      co_return written.error();
    }
  }
  co_return Result<>{};
}

template <typename Look>
Task<> Control::follow(Xenstore_path node, Look look) {
  Result<Watch> watch = co_await store_.watch(node);
  if (!watch) {
    log("control: ", watch.error());
    co_return;
  }
  const Result<> ended = co_await watch->follow(std::move(look));
  log("control: ", ended.error());
}

// In a transaction: what the toolstack may write meanwhile is another request, and not to be wiped out with this
// one.
Task<Result<std::string>> Control::take(Xenstore_path node, bool (*is_known)(std::string_view value)) {
  std::string taken;
  const Result<> done = co_await store_.transact([&](Transaction& in) -> Task<Result<>> {
    Result<std::string> value = co_await in.read(node);
    if (!value) {
      co_return value.error();
    }
    taken = std::move(*value);
    if (taken.empty() || !is_known(taken)) {
      co_return Result<>{};
    }
    co_return co_await in.write(node, "");
  });
  if (!done) {
    co_return done.error();
  }
  co_return taken;
}

Task<> Control::follow_shutdown() {
  co_await follow(own_domain / "control" / "shutdown", [this]() -> Task<> {
    const Result<std::string> value = co_await take(
        own_domain / "control" / "shutdown", [](std::string_view name) { return request_named(name).has_value(); });
    if (!value) {
      log("control: ", value.error());
      co_return;
    }
    if (value->empty()) {
      co_return;  // the first event, or our own acknowledgement
    }
    const std::optional<Shutdown_request> request = request_named(*value);
    if (!request) {
      log("control: the toolstack asks for '", *value, "', which is not done here");
      co_return;
    }
    co_await handler_.on_shutdown(*request);
    if (*request == Shutdown_request::reboot) {
      reboot();
    }
    power_off();
  });
}

Task<> Control::follow_keys() {
  co_await follow(own_domain / "control" / "sysrq", [this]() -> Task<> {
    const Result<std::string> value =
        co_await take(own_domain / "control" / "sysrq", [](std::string_view) { return true; });
    // Who made this domain need not have made the node.
    if (value && !value->empty()) {
      handler_.on_key(value->front());
    }
  });
}

// Those that the toolstack says nothing of stay as they are.
Task<> Control::follow_cpus() {
  co_await follow(own_domain / "cpu", [this]() -> Task<> {
    for (std::uint32_t index = 0; index < guest_.cpus(); ++index) {
      const Cpu cpu{index};
      const Result<std::string> value =
          co_await store_.read(own_domain / "cpu" / guest_.map().id(cpu) / "availability");
      if (value && (*value == "online"sv || *value == "offline"sv)) {
        co_await bring(cpu, *value == "online"sv);
      }
    }
  });
}

Task<> Control::bring(Cpu cpu, bool online) {
  if (guest_.is_online(cpu) == online) {
    co_return;
  }
  if (!online && this_vcpu().cpu == cpu) {
    // None stops itself: another one goes on with this.
    std::uint32_t other = 0;
    while (other < guest_.cpus() && (Cpu{other} == cpu || !guest_.is_online(Cpu{other}))) {
      ++other;
    }
    if (other == guest_.cpus()) {
      log("control: the toolstack asks for the last vCPU to go off");
      co_return;
    }
    co_await guest_.vcpu(Cpu{other}).here();
  }
  if (const Result<> brought = online ? guest_.start(cpu) : guest_.stop(cpu); !brought) {
    log("control: ", brought.error());
    co_return;
  }
  handler_.on_cpu(cpu, online);
}

// A coroutine's own copy of what it serves with lives as long as the guest.
Task<> serve(Control control, Task<> (Control::*follow)()) {
  co_await (control.*follow)();
}

}  // namespace

std::string_view words(Shutdown_request request) noexcept {
  return requests.find(request, "");
}

Task<> Control_handler::on_shutdown(Shutdown_request request) {
  log("control: ", words(request));
  co_return;
}

void Control_handler::on_key(char key) noexcept {
  log("control: key ", std::string_view{&key, 1});
}

void Control_handler::on_cpu(Cpu cpu, bool online) noexcept {
  log("control: cpu ", cpu, online ? " on" : " off");
}

Task<Result<>> serve_toolstack(Guest& guest, Control_handler& handler) {
  const Result<Store*> store = Store::open(guest);
  if (!store) {
    co_return store.error();
  }
  Control control{guest, **store, handler};
  if (const Result<> announced = co_await control.announce(); !announced) {
    co_return announced.error();
  }
  for (const auto follow : {&Control::follow_shutdown, &Control::follow_keys, &Control::follow_cpus}) {
    this_vcpu().executor().spawn(serve(control, follow));
  }
  co_return Result<>{};
}

}  // namespace enlighten::runtime
