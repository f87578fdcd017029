// SPDX-License-Identifier: MIT
// Bringing CPUs online: who turns on whom, what runs where, and what a CPU that fails leaves to the others.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <guest/bringup.hpp>

#include "test/scripted_domain.hpp"

namespace enlighten::guest {
namespace {

using test::Scripted_domain;
using Calls = std::vector<std::string>;

constexpr std::uint64_t entry = 0x4000'0000;

template <typename T>
std::string error_of(const Result<T>& result) {
  return result ? "no error" : result.error().text();
}

// What the steps work on: a diary.
struct Diary {
  Calls lines;
  std::set<Cpu> bad_to_prepare;
  std::set<Cpu> bad_to_start;

  void write(const char* what, Cpu cpu) { lines.push_back(std::string{what} + ' ' + std::to_string(cpu.value())); }
};

Result<> bad(const char* what) {
  return Error::make(Error_kind::out_of_memory, "no room to %s", what);
}

constexpr Bringup_step<Diary> steps[] = {
    {[](Diary& diary, Prepare_context& context) {
       diary.write("prepare one", context.cpu());
       return diary.bad_to_prepare.contains(context.cpu()) ? bad("prepare") : Result<>{};
     },
     [](Diary& diary, Starting_context& context) {
       diary.write("start one", context.cpu());
       return Result<>{};
     },
     [](Diary& diary, Cpu cpu) { diary.write("stop one", cpu); }},
    {nullptr,
     [](Diary& diary, Starting_context& context) {
       diary.write("start two", context.cpu());
       return diary.bad_to_start.contains(context.cpu()) ? bad("start") : Result<>{};
     },
     nullptr},
    {[](Diary& diary, Prepare_context& context) {
       diary.write("prepare three", context.cpu());
       return Result<>{};
     },
     nullptr, [](Diary& diary, Cpu cpu) { diary.write("stop three", cpu); }},
};

// All CPUs of a machine, each arriving some time after it was turned on, in an order of the seed's.
class Machine_room {
 public:
  explicit Machine_room(std::uint32_t cpus, Vcpu_id boot = Vcpu_id{0}, unsigned seed = 1)
      : domain{cpus, boot}, random_{seed} {
    domain.xen.meanwhile = [this](const std::string& call) {
      const Cpu cpu = *domain.map().find(Mpidr{std::stoull(call.substr(call.find(' ')), nullptr, 0)});
      EXPECT_TRUE(turned_on_by.emplace(cpu, domain.who()).second) << call << " for the second time";
      if (!domain.xen.cpu_on_refusals.contains(domain.map().mpidr(cpu))) {
        running_.push_back(cpu);
      }
    };
    const Result<Starting_context> context = domain.bringup.boot(domain.map().mpidr(Cpu{0}));
    EXPECT_TRUE(context);
    domain.bringup.arrived(Cpu{0}, {});
  }

  std::vector<Cpu> everybody_else() const {
    std::vector<Cpu> cpus;
    for (std::uint32_t index = 1; index < domain.map().size(); ++index) {
      cpus.push_back(Cpu{index});
    }
    return cpus;
  }

  Result<> start(const std::vector<Cpu>& cpus) {
    return domain.bringup.start<steps>(diary, std::span{cpus}, domain.who(), entry);
  }

  // Until nobody is on the way any more.
  void let_arrive() {
    while (!running_.empty()) {
      std::swap(running_[random_() % running_.size()], running_.back());
      const Cpu cpu = running_.back();
      running_.pop_back();
      domain.as(cpu);
      Result<Starting_context> context = domain.bringup.arrive(cpu, domain.map().mpidr(cpu), entry);
      ASSERT_TRUE(context) << context.error().text();
      EXPECT_EQ(context->cpu(), cpu);
      EXPECT_EQ(context->vcpu(), domain.map().id(cpu));
      domain.bringup.arrived(cpu, Bringup::run_steps<steps>(diary, *context));
    }
    domain.as(Cpu{0});
  }

  std::uint32_t depth(Cpu cpu) const {
    std::uint32_t steps_up = 0;
    for (; cpu != Cpu{0}; cpu = turned_on_by.at(cpu)) {
      ++steps_up;
    }
    return steps_up;
  }

  Scripted_domain domain;
  Diary diary;
  std::map<Cpu, Cpu> turned_on_by;

 private:
  std::mt19937 random_;
  std::vector<Cpu> running_;
};

TEST(Bringup, turns_each_cpu_on_once_by_a_tree_however_many_there_are) {
  for (std::uint32_t cpus = 1; cpus <= 130; ++cpus) {
    Machine_room room{cpus, Vcpu_id{cpus / 2}, cpus};
    ASSERT_TRUE(room.start(room.everybody_else()));
    room.let_arrive();
    EXPECT_EQ(room.domain.bringup.online(), cpus);
    EXPECT_EQ(room.turned_on_by.size(), cpus - 1);
    std::map<Cpu, int> children;
    for (const auto& [cpu, parent] : room.turned_on_by) {
      EXPECT_LE(++children[parent], 2) << "cpu " << parent.value() << " of " << cpus;
      EXPECT_LT(room.depth(cpu), static_cast<std::uint32_t>(std::bit_width(cpus))) << "of " << cpus;
    }
  }
}

TEST(Bringup, turns_on_by_affinity_and_tells_the_entry) {
  Machine_room room{20, Vcpu_id{16}};
  ASSERT_TRUE(room.start({Cpu{1}, Cpu{19}}));
  // Cpu 0 is vCPU 16, cpu 1 is vCPU 0, cpu 19 is vCPU 19.
  EXPECT_EQ(room.domain.xen.calls, (Calls{"cpu_on 0", "cpu_on 0x103"}));
}

TEST(Bringup, starts_any_subset_from_any_cpu_and_again) {
  Machine_room room{8};
  ASSERT_TRUE(room.start({Cpu{3}}));
  room.let_arrive();
  room.domain.as(Cpu{3});
  ASSERT_TRUE(room.start({Cpu{7}, Cpu{1}, Cpu{5}}));
  EXPECT_EQ(room.turned_on_by.at(Cpu{7}), Cpu{3});
  room.let_arrive();
  ASSERT_TRUE(room.start({Cpu{2}, Cpu{4}, Cpu{6}}));
  room.let_arrive();
  EXPECT_EQ(room.domain.bringup.online(), 8U);

  room.domain.bringup.leaving(Cpu{4});
  EXPECT_EQ(room.domain.bringup.state(Cpu{4}), Cpu_state::stopping);
  EXPECT_EQ(error_of(room.start({Cpu{4}})), "cpu 4 cannot be started: it is stopping");
  room.domain.xen.meanwhile = nullptr;
  EXPECT_TRUE(room.domain.bringup.is_off(Cpu{4}).value());
  room.domain.bringup.gone(Cpu{4});
  EXPECT_TRUE(room.start({Cpu{4}}));
  EXPECT_EQ(room.domain.bringup.state(Cpu{4}), Cpu_state::starting);
}

TEST(Bringup, leaves_the_children_of_a_cpu_that_cannot_be_turned_on_to_its_parent) {
  // Positions in the tree are indices here: cpu 1 would turn on 3 and 4, cpu 3 would turn on 7 and 8.
  Machine_room room{9};
  room.domain.xen.cpu_on_refusals[Mpidr{1}] = abi::Psci_result::internal_failure;
  room.domain.xen.cpu_on_refusals[Mpidr{3}] = abi::Psci_result::denied;
  ASSERT_TRUE(room.start(room.everybody_else()));
  room.let_arrive();
  for (const std::uint32_t orphan : {4U, 7U, 8U}) {
    EXPECT_EQ(room.turned_on_by.at(Cpu{orphan}), Cpu{0});
    EXPECT_EQ(room.domain.bringup.state(Cpu{orphan}), Cpu_state::online);
  }
  EXPECT_EQ(room.domain.bringup.online(), 7U);
  EXPECT_EQ(room.domain.bringup.state(Cpu{1}), Cpu_state::failed);
  EXPECT_STREQ(room.domain.bringup.error(Cpu{1})->text(),
               "PSCI CPU_ON of the CPU with affinity 0x1: INTERNAL_FAILURE");
  EXPECT_STREQ(room.domain.bringup.error(Cpu{3})->text(), "PSCI CPU_ON of the CPU with affinity 0x3: DENIED");
  EXPECT_FALSE(room.domain.bringup.error(Cpu{4}));
}

TEST(Bringup, brings_up_all_others_whoever_fails) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 engine{seed};
    const auto below = [&](std::uint32_t limit) { return static_cast<std::uint32_t>(engine() % limit); };
    const std::uint32_t cpus = 2 + below(60);
    Machine_room room{cpus, Vcpu_id{below(cpus)}, seed};
    std::set<Cpu> failing;
    for (std::uint32_t count = below(cpus); count > 0; --count) {
      failing.insert(Cpu{1 + below(cpus - 1)});
    }
    for (const Cpu cpu : failing) {
      if (below(2) == 0) {
        room.domain.xen.cpu_on_refusals[room.domain.map().mpidr(cpu)] = abi::Psci_result::already_on;
      } else {
        room.diary.bad_to_start.insert(cpu);
      }
    }
    ASSERT_TRUE(room.start(room.everybody_else()));
    room.let_arrive();
    for (std::uint32_t index = 1; index < cpus; ++index) {
      const bool fails = failing.contains(Cpu{index});
      EXPECT_EQ(room.domain.bringup.state(Cpu{index}), fails ? Cpu_state::failed : Cpu_state::online);
      EXPECT_EQ(room.domain.bringup.error(Cpu{index}).has_value(), fails);
    }
  }
}

TEST(Bringup, prepares_all_on_the_asking_cpu_before_it_turns_on_the_first) {
  Machine_room room{3};
  const auto inner = room.domain.xen.meanwhile;
  std::size_t prepared = 0;
  room.domain.xen.meanwhile = [&](const std::string& call) {
    prepared = prepared == 0 ? room.diary.lines.size() : prepared;
    inner(call);
  };
  ASSERT_TRUE(room.start(room.everybody_else()));
  EXPECT_EQ(prepared, 4U);
  EXPECT_EQ(room.diary.lines, (Calls{"prepare one 1", "prepare three 1", "prepare one 2", "prepare three 2"}));
}

TEST(Bringup, runs_steps_in_order_up_to_the_one_that_fails_and_keeps_its_error) {
  Machine_room room{2};
  room.diary.bad_to_start.insert(Cpu{1});
  ASSERT_TRUE(room.start(room.everybody_else()));
  room.diary.lines.clear();
  room.let_arrive();
  EXPECT_EQ(room.diary.lines, (Calls{"start one 1", "start two 1"}));
  EXPECT_EQ(room.domain.bringup.state(Cpu{1}), Cpu_state::failed);
  EXPECT_STREQ(room.domain.bringup.error(Cpu{1})->text(), "no room to start");
  EXPECT_EQ(error_of(room.start({Cpu{1}})), "cpu 1 cannot be started: it is failed");
}

TEST(Bringup, undoes_steps_in_inverse_order) {
  Diary diary;
  Bringup::run_inverse_steps<steps>(diary, Cpu{5});
  EXPECT_EQ(diary.lines, (Calls{"stop three 5", "stop one 5"}));
}

TEST(Bringup, turns_nobody_on_when_preparing_one_fails) {
  Machine_room room{4};
  room.diary.bad_to_prepare.insert(Cpu{2});
  EXPECT_EQ(error_of(room.start(room.everybody_else())), "no room to prepare");
  EXPECT_EQ(room.domain.xen.calls, Calls{});
  for (std::uint32_t index = 1; index < 4; ++index) {
    EXPECT_EQ(room.domain.bringup.state(Cpu{index}), Cpu_state::offline);
  }
  room.diary.bad_to_prepare.clear();
  EXPECT_TRUE(room.start(room.everybody_else())) << "they can be asked for again";
}

TEST(Bringup, claims_all_or_none) {
  Machine_room room{4};
  EXPECT_EQ(error_of(room.start({Cpu{1}, Cpu{4}})), "cpu 4 does not exist: there are 4");
  EXPECT_EQ(error_of(room.start({Cpu{1}, Cpu{0}})), "cpu 0 cannot be started: it is online");
  EXPECT_EQ(error_of(room.start({Cpu{1}, Cpu{2}, Cpu{1}})), "cpu 1 cannot be started: it is about to be turned on");
  for (std::uint32_t index = 1; index < 4; ++index) {
    EXPECT_EQ(room.domain.bringup.state(Cpu{index}), Cpu_state::offline);
  }
  EXPECT_TRUE(room.start({}));
  EXPECT_EQ(room.domain.xen.calls, Calls{});
}

TEST(Bringup, refuses_a_cpu_that_is_not_who_the_map_says_after_it_has_turned_on_its_children) {
  Machine_room room{4};
  ASSERT_TRUE(room.start(room.everybody_else()));
  room.domain.as(Cpu{1});
  const Result<Starting_context> context = room.domain.bringup.arrive(Cpu{1}, Mpidr{2}, entry);
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().kind(), Error_kind::description);
  EXPECT_EQ(room.turned_on_by.at(Cpu{3}), Cpu{1});
  EXPECT_FALSE(room.domain.bringup.boot(Mpidr{1}));
}

TEST(Bringup, counts_its_calls_for_the_cpu_that_makes_them) {
  Machine_room room{8};
  ASSERT_TRUE(room.start(room.everybody_else()));
  room.let_arrive();
  std::uint32_t sum = 0;
  for (std::uint32_t index = 0; index < 8; ++index) {
    sum += room.domain.vcpu(index).calls[Call::psci_cpu_on];
  }
  EXPECT_EQ(sum, 7U);
  EXPECT_EQ(room.domain.vcpu(0).calls[Call::psci_cpu_on], 2U);
}

}  // namespace
}  // namespace enlighten::guest
