// SPDX-License-Identifier: MIT
// A vchan between two domains in many orders of their steps: a stream arrives whole, and an end whose other one
// writes whatever it likes into their page comes to no harm.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include <arch/processor.hpp>
#include <drivers/vchan_pages.hpp>
#include <guest/cpu_local.hpp>
#include <model/xen.hpp>
#include <model_machine/vcpu_runner.hpp>

#include "footing.hpp"

namespace enlighten::on_model {
namespace {

using drivers::Vchan_end;
using drivers::Vchan_orders;
using guest::Frame_access;
using model_machine::Model_vcpu;
using model_machine::Outcome;

enum class Hostile : std::uint8_t { nobody, server, client };

struct Counts {
  std::uint32_t values = 0;  // calls that moved bytes, or could not yet
  std::uint32_t errors = 0;
  std::uint32_t refused = 0;  // orders or grants that a client did not take
};

// Domain 1 is the server, domain 2 the client. They ask each other again and again, without events.
class World {
 public:
  World(std::uint64_t seed, Hostile hostile)
      : random_{seed},
        hostile_{hostile},
        orders_{seed % 2 == 0 ? Vchan_orders{10, 11} : Vchan_orders{12, 13}},
        runner_{model_machine::make_runner(seed % 3 == 0 ? "priority" : "random", seed,
                                           [this](Model_vcpu& vcpu, const model::Vcpu_start&) { enter(vcpu); },
                                           {.seed = seed, .preemptions = 50})} {}

  [[nodiscard]] Outcome run() {
    for (model::Domain* const domain : {&server_, &client_}) {
      runner_->start(*domain, {Vcpu_id{0}, 0, 0});
    }
    return runner_->run(4'000'000);
  }
  [[nodiscard]] std::string story() const { return runner_->story(); }
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  static constexpr std::uint32_t bytes_of_stream = 12000;

  void enter(Model_vcpu& vcpu) {
    auto& local = locals_[vcpu.domain().id().value()];
    arch::set_cpu_local(&local);
    if (&vcpu.domain() == &server_) {
      serve();
    } else {
      connect();
      client_is_done_ = true;
    }
  }

  void serve() {
    if (hostile_ == Hostile::server) {
      spoil_as_server();
      return;
    }
    Result<drivers::Vchan_granted> pages = drivers::Vchan_granted::make(table_, client_.id(), orders_);
    if (!pages) {
      server_.blame_guest(pages.error().text());
    }
    Vchan_end<> end = pages->end();
    end.announce();
    ref_ = pages->ref();
    use(end, server_, false);
    end.close();
    server_is_done_ = true;
    while (!client_is_done_) {
      arch::relax();
    }
  }

  // With pages that it has by itself, as it does not say where those of an honest one are.
  void spoil_as_server() {
    Result<guest::Granted_page> page = table_.grant_page(client_.id(), Frame_access::read_write);
    Result<guest::Granted_range> rings = table_.grant_range(client_.id(), Frame_access::read_write, 3);
    if (!page || !rings) {
      server_.blame_guest("there are no pages for a vchan");
    }
    auto* const words = reinterpret_cast<std::uint32_t*>(page->bytes().data());
    words[4] = orders_.left | std::uint32_t{orders_.right} << 16U;
    for (std::uint32_t ring = 0; ring < 3; ++ring) {
      words[6 + ring] = rings->ref(ring).value();
    }
    ref_ = page->ref();
    spoil(page->bytes().data(), client_is_done_);
  }

  void connect() {
    while (!ref_) {
      arch::relax();
    }
    if (hostile_ == Hostile::client) {
      Result<guest::Mapped_page> page = maps_.map_page(server_.id(), *ref_, Frame_access::read_write);
      if (!page) {
        client_.blame_guest(page.error().text());
      }
      spoil(page->writable().data(), server_is_done_);
      return;
    }
    Result<drivers::Vchan_mapped> pages = drivers::Vchan_mapped::make(maps_, server_.id(), *ref_);
    if (!pages) {
      counts_.refused += pages.error().text()[0] != '\0' ? 1U : 0U;
      if (hostile_ == Hostile::nobody) {
        client_.blame_guest(pages.error().text());
      }
      return;
    }
    Vchan_end<> end = pages->end();
    end.announce();
    use(end, client_, true);
    end.close();
  }

  [[nodiscard]] static std::byte byte_at(std::uint32_t place) noexcept {
    return static_cast<std::byte>(place * 7 + place / 251);
  }

  // Sends the stream, and compares what comes with it, unless it comes from somebody hostile.
  void use(Vchan_end<>& end, model::Domain& self, bool sends_first) {
    std::array<std::byte, 700> bytes;
    std::uint32_t sent = 0;
    std::uint32_t received = 0;
    bool sends = sends_first;
    // Somebody hostile may let it wait for ever.
    for (std::uint32_t turns = 0; sent < bytes_of_stream || received < bytes_of_stream; ++turns) {
      if (hostile_ != Hostile::nobody && turns == 60) {
        return;
      }
      sends = !sends;
      const auto some = std::span{bytes}.first(
          std::min<std::size_t>(1 + any_of(bytes.size()), bytes_of_stream - (sends ? sent : received)));
      if (some.empty()) {
        continue;
      }
      for (std::uint32_t at = 0; sends && at < some.size(); ++at) {
        some[at] = byte_at(sent + at);
      }
      const Result<std::size_t> count = sends ? end.write(some) : end.read(some);
      if (!count) {
        ++counts_.errors;
        if (hostile_ == Hostile::nobody) {
          self.blame_guest(count.error().text());
        }
        continue;
      }
      ++counts_.values;
      if (*count > some.size()) {
        self.blame_guest("more bytes moved than were asked for");
      }
      for (std::uint32_t at = 0; hostile_ == Hostile::nobody && !sends && at < *count; ++at) {
        if (some[at] != byte_at(received + at)) {
          self.blame_guest("a byte is not the one that was sent");
        }
      }
      (sends ? sent : received) += static_cast<std::uint32_t>(*count);
      if (*count == 0) {
        arch::relax();
      }
    }
  }

  // Any word of the page's head or the list of grants, at any time.
  void spoil(std::byte* page, const bool& is_over) {
    while (!is_over) {
      const std::uint32_t which = any_of(10);
      auto* const words = reinterpret_cast<std::uint32_t*>(page);
      const std::uint32_t values[] = {0, 1, any_of(5000), 0xffffffff, static_cast<std::uint32_t>(random_())};
      guest::Shared_words::store(words[which], values[any_of(std::size(values))], std::memory_order_relaxed);
      if (which == 5) {
        // Both ends' live bytes, so that it is not the end of everything at once.
        guest::Shared_words::store(words[5], 0x0101'0101U, std::memory_order_relaxed);
      }
      arch::relax();
    }
  }

  [[nodiscard]] std::uint32_t any_of(std::size_t count) { return static_cast<std::uint32_t>(random_() % count); }

  std::mt19937_64 random_;
  Hostile hostile_;
  Vchan_orders orders_;
  std::unique_ptr<model_machine::Vcpu_runner> runner_;
  model::Xen xen_{*runner_, {.quirks = {}, .silo = false}};
  model::Domain& server_{xen_.create({.ram_pages = 64})};
  model::Domain& client_{xen_.create({.ram_pages = 64})};
  std::map<unsigned, guest::Cpu_local> locals_;
  guest::Hypercalls hypercalls_{guest::Hypercalls::Presence::present};
  Footing server_footing_{server_};
  Footing client_footing_{client_};
  guest::Grant_table table_{hypercalls_, server_footing_, server_footing_, server_footing_,
                            server_footing_.table()};
  guest::Grant_maps maps_{hypercalls_, client_footing_, client_footing_, client_footing_.window()};
  // Fibers of one thread: what they tell each other beside Xen needs no order.
  std::optional<Grant_ref> ref_;
  bool server_is_done_ = false;  // with its end; its pages are there until the client is, too
  bool client_is_done_ = false;
  Counts counts_;
};

[[nodiscard]] Counts run_all(Hostile hostile, std::uint64_t seeds) {
  Counts all;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto world = std::make_unique<World>(seed, hostile);
    const Outcome outcome = world->run();
    EXPECT_EQ(outcome, Outcome::done) << "seed " << seed << ": " << words(outcome) << "\n" << world->story();
    if (outcome != Outcome::done) {
      break;
    }
    all.values += world->counts().values;
    all.errors += world->counts().errors;
    all.refused += world->counts().refused;
  }
  return all;
}

TEST(Vchan_on_model, carries_a_stream_both_ways_between_two_domains) {
  const Counts counts = run_all(Hostile::nobody, 100);
  EXPECT_GT(counts.values, 1000U);
  EXPECT_EQ(counts.errors, 0U);
}

TEST(Vchan_on_model, whose_client_writes_whatever_it_likes_does_a_server_no_harm) {
  const Counts counts = run_all(Hostile::client, 200);
  EXPECT_GT(counts.errors, 1000U) << "nothing was ever wrong: this has tested nothing";
  EXPECT_GT(counts.values, 1000U);
}

TEST(Vchan_on_model, whose_server_writes_whatever_it_likes_does_a_client_no_harm) {
  const Counts counts = run_all(Hostile::server, 200);
  EXPECT_GT(counts.errors, 500U) << "nothing was ever wrong: this has tested nothing";
  EXPECT_GT(counts.refused, 10U) << "no orders or grants were ever wrong: this has tested nothing";
}

}  // namespace
}  // namespace enlighten::on_model
