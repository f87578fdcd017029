// SPDX-License-Identifier: MIT
// A domain of some vCPUs on a Scripted_xen, one thread playing each of them in turn, for tests.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <abi/shared_info.hpp>
#include <arch/psci.hpp>
#include <guest/bringup.hpp>
#include <guest/cpu_local.hpp>
#include <guest/event_channels.hpp>
#include <guest/page_source.hpp>
#include <guest/vcpu_identity.hpp>

#include "scripted_xen.hpp"

namespace enlighten::guest::test {

// Pages that end after `left`.
class Test_pages final : public Page_source {
 public:
  std::uint32_t left = 1000;

  void* page() noexcept override {
    if (left == 0) {
      return nullptr;
    }
    --left;
    return pages_.emplace_back(std::make_unique<Page>()).get();
  }

 private:
  struct alignas(abi::page_size) Page {
    std::array<std::byte, abi::page_size> bytes{};
  };
  std::vector<std::unique_ptr<Page>> pages_;
};

// `boot_vcpu` is the vCPU that Cpu{0} is; the others follow in order. Everything a vCPU does is done by whom as()
// last named.
class Scripted_domain {
 public:
  struct Test_vcpu : Cpu_local {
    // Within one page, as Xen wants it.
    struct alignas(256) Shared {
      abi::Vcpu_info info;
      abi::Evtchn_fifo_control_block block;
    } shared;
    Vcpu_events events{shared.info, shared.block};
    std::optional<Ready_vcpu> ready;
  };

  explicit Scripted_domain(std::uint32_t cpus, Vcpu_id boot_vcpu = Vcpu_id{0})
      : identities_(cpus), map_{make_map(identities_, boot_vcpu)}, slots_(cpus) {
    for (std::uint32_t index = 0; index < cpus; ++index) {
      Test_vcpu& vcpu = *vcpus_.emplace_back(std::make_unique<Test_vcpu>());
      vcpu.cpu = Cpu{index};
      vcpu.vcpu = map_.id(Cpu{index});
    }
    as(Cpu{0});
  }

  Test_vcpu& vcpu(std::uint32_t index) { return *vcpus_[index]; }
  const Vcpu_map& map() const { return map_; }

  void as(Cpu cpu) { xen.cpu_local = static_cast<Cpu_local*>(vcpus_[cpu.value()].get()); }
  [[nodiscard]] Cpu who() const { return static_cast<const Cpu_local*>(xen.cpu_local)->cpu; }

  // On the boot CPU.
  Result<> boot(Event_preference preference) {
    const Starting_context context = value_of(bringup.boot(map_.mpidr(Cpu{0})));
    vcpu(0).ready = ENLIGHTEN_TRY(events.boot(context, vcpu(0).events, shared_info, preference));
    return {};
  }

  // On each of the others.
  Result<> start(std::uint32_t index) {
    const Cpu before = who();
    as(Cpu{index});
    const Starting_context context = value_of(bringup.arrive(Cpu{index}, map_.mpidr(Cpu{index}), 0));
    const Result<Ready_vcpu> ready = events.start(context, vcpu(index).events);
    as(before);
    vcpu(index).ready = ENLIGHTEN_TRY(ready);
    return {};
  }

  void boot_all(Event_preference preference) {
    const Result<> booted = boot(preference);
    ASSERT_TRUE(booted) << booted.error().text();
    for (std::uint32_t index = 1; index < vcpus_.size(); ++index) {
      const Result<> started = start(index);
      ASSERT_TRUE(started) << started.error().text();
    }
    xen.calls.clear();
  }

  [[nodiscard]] Ready_vcpu ready(std::uint32_t index) { return *vcpu(index).ready; }

  Result<std::uint32_t> deliver(std::uint32_t index) {
    const Cpu before = who();
    as(Cpu{index});
    Result<std::uint32_t> delivered = events.deliver(vcpu(index).events);
    as(before);
    return delivered;
  }

  // What Xen does with an event of a port whose queue on that vCPU is empty.
  void raise_fifo(Port port, std::uint32_t index, std::uint32_t queue = abi::fifo_priority_default) {
    abi::Evtchn_fifo_control_block& block = vcpu(index).shared.block;
    abi::Event_word& word = fifo_word(port);
    word |= abi::event_word::pending;
    if ((word & (abi::event_word::masked | abi::event_word::linked)) == 0) {
      word |= abi::event_word::linked;
      block.head[queue] = port.value();
      block.ready |= std::uint32_t{1} << queue;
      vcpu(index).shared.info.evtchn_upcall_pending = 1;
    }
  }
  abi::Event_word& fifo_word(Port port) {
    return xen.array_pages.at(port.value() / abi::fifo_words_per_page)[port.value() % abi::fifo_words_per_page];
  }

  void raise_two_level(Port port, std::uint32_t index) {
    const std::uint32_t word = port.value() / abi::two_level_bits_per_word;
    const std::uint64_t bit = std::uint64_t{1} << port.value() % abi::two_level_bits_per_word;
    shared_info.evtchn_pending[word] |= bit;
    if ((shared_info.evtchn_mask[word] & bit) == 0) {
      vcpu(index).shared.info.evtchn_pending_sel |= std::uint64_t{1} << word;
      vcpu(index).shared.info.evtchn_upcall_pending = 1;
    }
  }

  Scripted_xen xen;
  Test_pages pages;
  abi::Shared_info shared_info;

 private:
  static Vcpu_map make_map(std::span<Vcpu_identity> storage, Vcpu_id boot) {
    Vcpu_map_builder builder{storage, Identity_source::mpidr, value_of(mpidr_from_vcpu_id(boot))};
    for (std::uint32_t id = 0; id < storage.size(); ++id) {
      const Result<> added = builder.add(value_of(mpidr_from_vcpu_id(Vcpu_id{id})));
      EXPECT_TRUE(added) << added.error().text();
    }
    return value_of(builder.finish());
  }

  const arch::hosted::Installed_machine installed_{xen};
  std::vector<Vcpu_identity> identities_;
  Vcpu_map map_;
  std::vector<Cpu_slot> slots_;
  std::vector<std::unique_ptr<Test_vcpu>> vcpus_;

 public:
  Hypercalls hypercalls{Hypercalls::Presence::present};
  arch::Psci psci{arch::Conduit::hvc};
  Bringup bringup{map_, hypercalls, psci, slots_};
  Event_channels events{hypercalls, pages};
};

}  // namespace enlighten::guest::test
