// SPDX-License-Identifier: MIT
// Both ends of a device in one domain, each on a vCPU of its own: they connect, close, vanish, and say what means
// nothing.
//
// Promised: two ends come to be connected whoever is first; either closes both; an end whose other one vanishes,
// breaks the rules or does nothing comes to its own end, with everything given back once. Done: each way of ending,
// and a peer that vanishes before each step of its. Would go wrong: an end that waits for ever, a step done twice,
// a node made again that a toolstack has taken away.
#include <array>
#include <atomic>
#include <optional>
#include <string>

#include <report/ktap.hpp>
#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/program.hpp>
#include <runtime/xenbus.hpp>

#include "../support/case.hpp"

using namespace enlighten;
using runtime::Guest;
using runtime::own_domain;
using runtime::Store;
using runtime::Task;
using runtime::Xenbus_role;
using runtime::Xenstore_path;

namespace {

constexpr int never = 1000;

[[nodiscard]] Xenstore_path place_of(Xenbus_role role) {
  return own_domain / "data" / (role == Xenbus_role::front ? "front" : "back");
}

// Writes down what it is told to do, and at one step takes its own nodes away or fails.
class Device final : public runtime::Xenbus_device {
 public:
  Device(Store& store, Xenbus_role role) noexcept : store_{store}, role_{role} {}

  Task<Result<>> publish() override { return step('p'); }
  Task<Result<>> connect() override { return step('c'); }
  Task<Result<>> reconfigure() override { return step('r'); }
  Task<Result<>> close() override { return step('x'); }
  Task<Result<>> release() override { return step('f'); }

  std::string done;
  int vanishes_at = never;
  int fails_at = never;

 private:
  Task<Result<>> step(char what) {
    const int now = static_cast<int>(done.size());
    done += what;
    if (now == fails_at) {
      co_return Error::make(Error_kind::unsupported, "this step fails");
    }
    if (now == vanishes_at) {
      co_return co_await store_.rm(place_of(role_));
    }
    co_return Result<>{};
  }

  Store& store_;
  Xenbus_role role_;
};

struct End {
  End(Guest& guest, Store& store, Xenbus_role role)
      : device{store, role},
        end{guest, role, place_of(role),
            place_of(role == Xenbus_role::front ? Xenbus_role::back : Xenbus_role::front), device} {}

  Device device;
  runtime::Xenbus_end end;
  Result<> outcome;
  std::atomic<bool> is_done{false};
};

Task<> run(Guest& guest, Cpu cpu, End& end, runtime::Duration patience) {
  co_await guest.vcpu(cpu).here();
  end.outcome = co_await end.end.run(patience);
  // Release: with it comes the outcome, to the acquire of who waits.
  end.is_done.store(true, std::memory_order_release);
}

struct World {
  Guest& guest;
  Store& store;
  report::Ktap& ktap;
};

Task<bool> prepare(World& world, test::Case& result) {
  for (const Xenbus_role role : {Xenbus_role::front, Xenbus_role::back}) {
    const Result<> written = co_await world.store.write(place_of(role) / "state", "1");
    if (!result.works(written, "a node")) {
      co_return false;
    }
  }
  co_return true;
}

Task<> settle(const std::atomic<bool>& is_done) {
  while (!is_done.load(std::memory_order_acquire)) {
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{1});
  }
}

// Starts both ends; on this vCPU the front, so that it may be asked to close.
void start(World& world, End& front, End& back, runtime::Duration patience) {
  const Cpu other{world.guest.cpus() > 1 ? 1U : 0U};
  runtime::this_vcpu().executor().spawn(run(world.guest, Cpu{0}, front, patience));
  runtime::this_vcpu().executor().spawn(run(world.guest, other, back, patience));
}

constexpr auto patience = std::chrono::seconds{20};

// On the vCPU it is run on.
Task<> close_when_connected(End& end) {
  while (end.end.state() != runtime::Xenbus_state::connected && !end.is_done.load(std::memory_order_acquire)) {
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{1});
  }
  end.end.close();
}

Task<> closes(World& world) {
  test::Case result{world.ktap, "two ends connect, and close when one is asked to"};
  if (!co_await prepare(world, result)) {
    co_return;
  }
  End front{world.guest, world.store, Xenbus_role::front};
  End back{world.guest, world.store, Xenbus_role::back};
  start(world, front, back, patience);
  co_await close_when_connected(front);
  co_await settle(front.is_done);
  co_await settle(back.is_done);
  result.works(front.outcome, "the front");
  result.works(back.outcome, "the back");
  result.expect(front.device.done == "pcxf", "the front publishes, connects, closes and gives back");
  result.expect(back.device.done == "pcxf", "and so does the back");
}

Task<> vanishes(World& world, Xenbus_role which) {
  test::Case result{world.ktap, which == Xenbus_role::front ? "a front that vanishes at any step ends its back"
                                                            : "a back that vanishes at any step ends its front"};
  for (int step = 0; step < 4; ++step) {
    if (!co_await prepare(world, result)) {
      co_return;
    }
    End front{world.guest, world.store, Xenbus_role::front};
    End back{world.guest, world.store, Xenbus_role::back};
    End& gone = which == Xenbus_role::front ? front : back;
    End& left = which == Xenbus_role::front ? back : front;
    gone.device.vanishes_at = step;
    start(world, front, back, step == 0 ? std::chrono::seconds{3} : patience);
    if (step >= 2) {
      co_await close_when_connected(front);
    }
    co_await settle(front.is_done);
    co_await settle(back.is_done);
    result.refused(gone.outcome, abi::Errno::enoent, "a state is not written to a node that is gone");
    // One that has not begun waits for a peer that is yet to come, and no longer than it was told.
    const bool has_begun = left.device.done.starts_with('p');
    result.expect(has_begun ? left.outcome.has_value()
                            : !left.outcome && left.outcome.error().kind() == Error_kind::timed_out,
                  "the end that is left comes to its own");
    const std::string& done = left.device.done;
    result.expect(done.ends_with("xf") && done.find_first_of("xf") == done.size() - 2,
                  "and gives back once what it had");
    result.expect(gone.device.done == (step == 0 ? "pxf" : "pcxf"), "and so does the end that is gone");
    const Result<std::string> there = co_await world.store.read(place_of(which) / "state");
    result.refused(there, abi::Errno::enoent, "the node that is gone");
  }
}

Task<> fails(World& world) {
  test::Case result{world.ktap, "a step that fails closes both ends, and is what is told"};
  if (!co_await prepare(world, result)) {
    co_return;
  }
  End front{world.guest, world.store, Xenbus_role::front};
  End back{world.guest, world.store, Xenbus_role::back};
  front.device.fails_at = 1;
  start(world, front, back, patience);
  co_await settle(front.is_done);
  co_await settle(back.is_done);
  result.expect(!front.outcome && front.outcome.error().kind() == Error_kind::unsupported, "the front's own error");
  result.works(back.outcome, "the back");
  result.expect(front.device.done == "pcxf", "the front closes, and gives back");
}

// The other end is no more than what somebody writes.
Task<> means_nothing(World& world, const char* state, Error_kind kind, const char* name) {
  test::Case result{world.ktap, name};
  if (!co_await prepare(world, result)) {
    co_return;
  }
  const Result<> written = co_await world.store.write(place_of(Xenbus_role::back) / "state", state);
  result.works(written, "the back's state");
  End front{world.guest, world.store, Xenbus_role::front};
  runtime::this_vcpu().executor().spawn(run(world.guest, Cpu{0}, front, std::chrono::seconds{2}));
  co_await settle(front.is_done);
  result.expect(!front.outcome && front.outcome.error().kind() == kind, "the error is of its kind");
  if (!front.outcome) {
    world.ktap.diagnose_format("%s", front.outcome.error().text());
  }
  result.expect(front.end.state() == runtime::Xenbus_state::closed, "the front is closed");
}

Result<Store*> begin(Guest& guest) {
  ENLIGHTEN_TRY(guest.start_all());
  return Store::open(guest);
}

}  // namespace

Task<int> guest_main(Guest& guest) {
  report::Ktap ktap{runtime::console()};
  const Result<Store*> store = begin(guest);
  if (!store) {
    runtime::log(store.error());
    co_return report::exit_code(report::Verdict::error);
  }
  World world{guest, **store, ktap};
  co_await closes(world);
  co_await vanishes(world, Xenbus_role::front);
  co_await vanishes(world, Xenbus_role::back);
  co_await fails(world);
  co_await means_nothing(world, "77", Error_kind::protocol, "a state that is none of the nine is an error");
  co_await means_nothing(world, "four", Error_kind::protocol, "a state that is no number is an error");
  co_await means_nothing(world, "2", Error_kind::timed_out,
                         "a back that does nothing is waited for, but not for ever");
  co_return report::exit_code(ktap.finish());
}
