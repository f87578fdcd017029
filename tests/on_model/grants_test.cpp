// SPDX-License-Identifier: MIT
// Two domains share pages in many orders of their steps, and one of them may die at any: no page is used for
// anything else while it is mapped, and none is lost.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <arch/processor.hpp>
#include <arch/psci.hpp>
#include <arch/shared_access.hpp>
#include <guest/cpu_local.hpp>
#include <guest/grant_maps.hpp>
#include <guest/grant_table.hpp>
#include <model/affinity.hpp>
#include <model/xen.hpp>
#include <model_machine/vcpu_runner.hpp>

#include "footing.hpp"

namespace enlighten::on_model {
namespace {

using guest::Frame_access;
using model_machine::Model_vcpu;
using model_machine::Outcome;

constexpr std::uint32_t granting_vcpus = 2;
constexpr int rounds = 8;

struct Counts {
  std::uint32_t deferred = 0;  // grants that ended under a mapping
  std::uint32_t mapped = 0;
  std::uint32_t died_with_mappings = 0;
};

// Domain 1 grants, on two vCPUs; domain 2 maps, writes and unmaps; domain 3 is who may end the second, at a step
// that the seed decides.
class World {
 public:
  World(const char* schedule, std::uint64_t seed, bool kills)
      : random_{seed},
        kills_{kills},
        runner_{model_machine::make_runner(schedule, seed,
                                           [this](Model_vcpu& vcpu, const model::Vcpu_start&) { enter(vcpu); },
                                           {.seed = seed, .preemptions = 50})} {}

  [[nodiscard]] Outcome run() {
    for (model::Domain* const domain : {&granter_, &mapper_, &killer_}) {
      runner_->start(*domain, {Vcpu_id{0}, 0, 0});
    }
    return runner_->run(4'000'000);
  }
  [[nodiscard]] std::string story() const { return runner_->story(); }
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  void enter(Model_vcpu& vcpu) {
    auto& local = locals_[{vcpu.domain().id().value(), vcpu.id().value()}];
    arch::set_cpu_local(&local);
    if (&vcpu.domain() == &granter_) {
      grant(vcpu);
    } else if (&vcpu.domain() == &mapper_) {
      map();
    } else if (kills_) {
      kill();
    }
  }

  template <typename T>
  T need(Result<T> result, model::Domain& domain) {
    if (!result) {
      domain.blame_guest(result.error().text());
    }
    if constexpr (!std::is_void_v<T>) {
      return std::move(*result);
    }
  }

  [[nodiscard]] std::uint32_t any_of(std::size_t count) { return static_cast<std::uint32_t>(random_() % count); }

  void grant(Model_vcpu& vcpu) {
    if (vcpu.id() == Vcpu_id{0}) {
      static_cast<void>(psci_.cpu_on(model::affinity_of(Vcpu_id{1}), 0x4000, 0));
    }
    for (int round = 0; round < rounds; ++round) {
      guest::Granted_range row =
          need(table_.grant_range(mapper_.id(), Frame_access::read_write, 1 + any_of(3)), granter_);
      for (std::uint32_t page = 0; page < row.pages(); ++page) {
        board_.push_back(row.ref(page));
      }
      use_page_alone();
      for (std::uint32_t waits = any_of(20); waits != 0; --waits) {
        arch::relax();
      }
      counts_.deferred += row.end().deferred;
      use_page_alone();
      if (round % 3 == 0) {
        static_cast<void>(table_.retry_deferred());
      }
    }
    ++granting_vcpus_done_;
    if (vcpu.id() != Vcpu_id{0}) {
      return;
    }
    while (granting_vcpus_done_ < granting_vcpus || !(mapper_done_ || mapper_dead_)) {
      arch::relax();
    }
    static_cast<void>(table_.retry_deferred());
    if (table_.deferred() != 0) {
      granter_.blame_guest("pages are kept aside although nobody has them mapped");
    }
  }

  // Of what was shared before, and is now the granter's alone.
  void use_page_alone() {
    auto* const page = static_cast<std::byte*>(granter_footing_.take(1));
    for (int time = 0; time < 6; ++time) {
      for (std::size_t at = 0; at < abi::page_size; at += 512) {
        if (page[at] != std::byte{0}) {
          granter_.blame_guest("somebody else writes to a page that is nobody else's");
        }
      }
      arch::before_shared_access(page);
    }
    granter_footing_.give_back(page);
  }

  void map() {
    while (granting_vcpus_done_ < granting_vcpus) {
      if (board_.empty()) {
        arch::relax();
        continue;
      }
      // Often one that has long ended, and may be somebody's again.
      const Grant_ref ref = board_[board_.size() - 1 - any_of(std::min<std::size_t>(board_.size(), 6))];
      Result<guest::Mapped_page> page = maps_.map_page(granter_.id(), ref, Frame_access::read_write);
      if (!page) {
        continue;
      }
      ++counts_.mapped;
      ++now_mapped_;
      for (std::size_t at = 0; at < abi::page_size; at += 512) {
        arch::before_shared_access(page->bytes().data());
        page->writable()[at] = std::byte{0xee};
      }
      need(page->unmap(), mapper_);
      --now_mapped_;
    }
    mapper_done_ = true;
  }

  void kill() {
    for (std::uint32_t waits = any_of(400); waits != 0 && !mapper_done_; --waits) {
      arch::relax();
    }
    const bool had_mappings = now_mapped_ != 0;
    if (!mapper_done_) {
      mapper_.destroy();
      counts_.died_with_mappings += had_mappings ? 1 : 0;
    }
    mapper_dead_ = true;
  }

  std::mt19937_64 random_;
  bool kills_;
  std::unique_ptr<model_machine::Vcpu_runner> runner_;
  model::Xen xen_{*runner_, {.quirks = {}, .silo = false}};
  model::Domain& granter_{xen_.create({.vcpus = granting_vcpus, .ram_pages = 256})};
  model::Domain& mapper_{xen_.create({.ram_pages = 64})};
  model::Domain& killer_{xen_.create({.ram_pages = 64})};
  std::map<std::pair<unsigned, unsigned>, guest::Cpu_local> locals_;
  arch::Psci psci_{arch::Conduit::hvc};
  guest::Hypercalls hypercalls_{guest::Hypercalls::Presence::present};
  Footing granter_footing_{granter_};
  Footing mapper_footing_{mapper_};
  guest::Grant_table table_{hypercalls_, granter_footing_, granter_footing_, granter_footing_,
                            granter_footing_.table()};
  guest::Grant_maps maps_{hypercalls_, mapper_footing_, mapper_footing_, mapper_footing_.window()};
  // Fibers of one thread: what they tell each other beside Xen needs no order.
  std::vector<Grant_ref> board_;
  std::uint32_t granting_vcpus_done_ = 0;
  std::uint32_t now_mapped_ = 0;
  bool mapper_done_ = false;
  bool mapper_dead_ = false;
  Counts counts_;
};

class Grants_on_model : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] static Counts run_all(bool kills, std::uint64_t seeds) {
    Counts all;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      // A guest that died has left objects that cannot call Xen any more.
      const auto world = std::make_unique<World>(GetParam(), seed, kills);
      const Outcome outcome = world->run();
      EXPECT_EQ(outcome, Outcome::done) << "seed " << seed << ": " << words(outcome) << "\n" << world->story();
      if (outcome != Outcome::done) {
        break;
      }
      all.deferred += world->counts().deferred;
      all.mapped += world->counts().mapped;
      all.died_with_mappings += world->counts().died_with_mappings;
    }
    return all;
  }
};

TEST_P(Grants_on_model, no_page_is_used_under_a_mapping_and_none_is_lost) {
  const Counts counts = run_all(false, 150);
  EXPECT_GT(counts.mapped, 1000U);
  EXPECT_GT(counts.deferred, 100U) << "no grant has ended under a mapping: this has tested nothing";
}

TEST_P(Grants_on_model, a_peer_that_dies_at_any_step_leaves_no_page_behind) {
  const Counts counts = run_all(true, 150);
  EXPECT_GT(counts.died_with_mappings, 10U) << "the peer never died with a page mapped: this has tested nothing";
}

INSTANTIATE_TEST_SUITE_P(schedules, Grants_on_model, testing::Values("random", "priority"),
                         [](const auto& parameter) { return std::string{parameter.param}; });

}  // namespace
}  // namespace enlighten::on_model
