// SPDX-License-Identifier: MIT
// guest/'s connection to xenstored on the modelled one: what only domain 0 brings about, and that it is started
// anew.
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <guest/xenstore.hpp>
#include <guest/xenstore_place.hpp>
#include <model/xenstored.hpp>

#include "guest_on_model.hpp"

namespace enlighten::on_model {
namespace {

using guest::Xenstore;
using guest::Xenstore_message;

struct Request final : guest::Xenstore_request {
  void on_reply(Result<std::string_view> payload) noexcept override {
    is_done = true;
    reply = payload ? Result<std::string>{std::string{*payload}} : Result<std::string>{payload.error()};
  }
  bool is_done = false;
  Result<std::string> reply;
};

struct Interest final : guest::Xenstore_watch {
  void on_registered(const Result<>& outcome) noexcept override { registrations += outcome ? 1 : 100; }
  void on_change(std::string_view) noexcept override { ++changes; }
  int registrations = 0;
  int changes = 0;
};

// The domain's end: a client, and the port whose events drive it.
class Line final : public guest::Event_handler {
 public:
  Line(Guest& guest, Cpu self) : guest_{guest}, self_{self} {
    const guest::Hypercalls xen{guest::Hypercalls::Presence::present};
    const auto place = guest::Xenstore_place::find(xen);
    client.attach(*reinterpret_cast<abi::Xenstore_ring*>(abi::address_of(place.frame)));
    port_ = guest.need(guest.events().attach(place.port, guest.ready(self), this));
    on_event(place.port);
  }

  void on_event(Port) noexcept override {
    client.process();
    tell();
  }
  void tell() {
    if (client.take_notice()) {
      guest_.need(port_.send());
    }
  }
  Result<std::string> ask(const Xenstore_message& message) {
    Request request;
    client.submit(request, message, Xenstore::no_deadline);
    tell();
    guest_.live_until(self_, [&] { return request.is_done; });
    return request.reply;
  }
  void watch(Interest& interest, std::string_view path) {
    client.watch(interest, path, Xenstore::no_deadline);
    tell();
  }

 private:
  std::array<std::byte, abi::xenstore_payload_max> out_;
  std::array<std::byte, abi::xenstore_payload_max> in_;

 public:
  Xenstore client{{.out = out_, .in = in_}};

 private:
  Guest& guest_;
  Cpu self_;
  guest::Bound_port port_;
};

// Runs `body` in a domain of one vCPU that has a xenstore, in several orders of its steps and Xen's.
template <typename Body>
void run(Body body) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto xenstored = std::make_shared<std::optional<model::Xenstored>>();
    bool is_done = false;
    auto guest = std::make_shared<Guest>(
        [&](model_machine::Vcpu_runner::Body vcpu) {
          return model_machine::make_runner("random", seed, std::move(vcpu));
        },
        Guest_options{.vcpus = 1},
        [&](Guest& self, Cpu cpu) {
          {
            Line line{self, cpu};
            body(self, cpu, line, **xenstored);
          }
          is_done = true;
        });
    xenstored->emplace(guest->domain().turns());
    (*xenstored)->introduce(guest->domain(), "guest");
    const auto outcome = guest->run();
    EXPECT_EQ(outcome, model_machine::Outcome::done) << guest->story();
    EXPECT_TRUE(is_done);
    if (!is_done) {
      keep_for_ever(guest);
      keep_for_ever(xenstored);
    }
  }
}

TEST(Xenstore_on_model, gives_a_directory_in_parts_that_is_too_large_for_a_message) {
  run([](Guest& guest, Cpu, Line& line, model::Xenstored& xenstored) {
    std::set<std::string> made;
    for (int index = 0; index < 150; ++index) {
      const std::string name = "a-rather-long-name-for-a-node-" + std::to_string(index);
      EXPECT_TRUE(xenstored.write("/local/domain/1/many/" + name, ""));
      made.insert(name);
    }
    const auto whole = line.ask(Xenstore_message::directory("many"));
    EXPECT_EQ(whole.error().number(), static_cast<std::int64_t>(abi::Errno::e2big));
    std::set<std::string> names;
    std::uint32_t offset = 0;
    for (bool is_last = false; !is_last;) {
      const std::string reply = guest.need(line.ask(Xenstore_message::directory_part("many", offset)));
      const auto part = guest.need(guest::xenstore_reply::directory_part(reply));
      for (const std::string_view name : guest::Xenstore_texts{part.texts}) {
        names.emplace(name);
      }
      offset += static_cast<std::uint32_t>(part.texts.size());
      is_last = part.is_last;
    }
    EXPECT_EQ(names, made);
  });
}

TEST(Xenstore_on_model, tells_who_watches_of_what_domain_0_writes) {
  run([](Guest& guest, Cpu self, Line& line, model::Xenstored& xenstored) {
    Interest interest;
    line.watch(interest, "control/shutdown");
    guest.live_until(self, [&] { return interest.changes == 1; });
    EXPECT_EQ(interest.registrations, 1);
    EXPECT_TRUE(xenstored.write("/local/domain/1/control/shutdown", "poweroff"));
    guest.live_until(self, [&] { return interest.changes == 2; });
    EXPECT_EQ(line.ask(Xenstore_message::read("control/shutdown")), "poweroff");
    EXPECT_TRUE(line.ask(Xenstore_message::write("control/shutdown", "")));
    EXPECT_EQ(xenstored.read("/local/domain/1/control/shutdown"), "");
    EXPECT_TRUE(xenstored.write("/local/domain/1/memory/target", "4096")) << "which it does not watch";
    EXPECT_EQ(interest.changes, 3);
  });
}

TEST(Xenstore_on_model, that_is_killed_and_started_again_is_found_again_with_all_watches_set_anew) {
  run([](Guest& guest, Cpu self, Line& line, model::Xenstored& xenstored) {
    Interest interest;
    line.watch(interest, "data");
    guest.live_until(self, [&] { return interest.changes == 1; });
    xenstored.restart();
    guest.live_until(self, [&] { return interest.registrations == 2 && interest.changes == 2; });
    EXPECT_EQ(line.client.connections(), 2U);
    EXPECT_TRUE(xenstored.write("/local/domain/1/data/x", "1"));
    guest.live_until(self, [&] { return interest.changes == 3; });
    EXPECT_EQ(line.ask(Xenstore_message::read("data/x")), "1");
  });
}

}  // namespace
}  // namespace enlighten::on_model
