// SPDX-License-Identifier: MIT
// A guest of the modelled Xen that makes what calls an input says.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <abi/hypercall.hpp>
#include <model/domain.hpp>

#include "input.hpp"

namespace enlighten::fuzz {

// The model lets guest code have its structures anywhere in this process, so an address outside the domain has to
// be good: a structure that holds addresses is in memory of its own, where no result of a call before can change
// them.
class Asking_guest {
 public:
  Asking_guest(Input& input, model::Domain& domain) : input_{input}, domain_{domain} {}

  // One call, or one store; nothing if the vCPU whose turn it is is off.
  void act() {
    const auto what = input_.take<std::uint8_t>();
    const Vcpu_id self{input_.take<std::uint8_t>() % domain_.vcpus()};
    if (domain_.shut_down() || domain_.vcpu(self).down) {
      return;
    }
    places_.clear();
    if (what >= 0xf0) {
      store();
    } else if (what >= 0xe8) {
      firmware_call(self);
    } else {
      const Call call = what >= 0xe0 ? several() : one(numbers[what % numbers.size()]);
      static_cast<void>(domain_.hypercall(self, static_cast<std::uint64_t>(call.number), call.arguments));
    }
  }

 private:
  using Hypercall = abi::Hypercall;

  struct Call {
    Hypercall number;
    std::array<std::uint64_t, 5> arguments;
  };

  static constexpr std::array numbers{
      Hypercall::memory_op,        Hypercall::memory_op,        Hypercall::event_channel_op,
      Hypercall::event_channel_op, Hypercall::event_channel_op, Hypercall::grant_table_op,
      Hypercall::grant_table_op,   Hypercall::sched_op,         Hypercall::vcpu_op,
      Hypercall::hvm_op,           Hypercall::xen_version,      Hypercall::console_io,
      Hypercall::vm_assist,        Hypercall::domctl,           Hypercall::hypfs_op,
      Hypercall::argo_op};

  void store() {
    const auto value = input_.take<std::uint64_t>();
    static_cast<void>(domain_.copy_to_guest(address(), &value, sizeof value));
  }

  void firmware_call(Vcpu_id self) {
    constexpr std::array<std::uint32_t, 4> groups{0x8400'0000, 0xc400'0000, 0x8000'0000, 0};
    const std::uint32_t function =
        groups[input_.take<std::uint8_t>() % groups.size()] | input_.take<std::uint8_t>();
    static_cast<void>(domain_.firmware_call(self, function, {word(), word(), word()}));
  }

  // In RAM or behind it; or close to the end of the space; or where nothing is ever.
  std::uint64_t address() {
    const auto where = input_.take<std::uint16_t>();
    const std::uint64_t offset = where % abi::page_size;
    switch (const std::uint64_t page = where / abi::page_size; page) {
      case 0:
        return offset;
      case 1:
        return domain_.ram_base() + model::Physical_map::size - 1 - offset;
      default:
        return domain_.ram_base() + (page - 2) * abi::page_size + offset;
    }
  }

  // Small numbers, frames, addresses, two or four numbers in one.
  std::uint64_t word() {
    constexpr std::uint64_t domid_self = 0x7ff0;
    const auto kind = input_.take<std::uint8_t>();
    const std::uint64_t small = kind / 8;
    switch (kind % 8) {
      case 0:
        return small;
      case 1:
        return abi::gfn_of(domain_.ram_base()).value() + small;
      case 2:
        return domain_.ram_base() + small * abi::page_size;
      case 3:
        return address();
      case 4:
        return domid_self | small << 32U;
      case 5:
        return small << 32U | input_.take<std::uint8_t>();
      case 6:
        return small << 16U | std::uint64_t{input_.take<std::uint16_t>()} << 32U;
      default:
        return input_.take<std::uint64_t>();
    }
  }

  // A bit for each word of the structure that is an address.
  static unsigned addresses_in(Hypercall number, std::uint64_t operation) {
    switch (number) {
      case Hypercall::memory_op:
        return operation % 64 == 23 ? 0b1110U : operation % 64 == 11 ? 0b1'0001U : operation % 64 <= 6 ? 1U : 0U;
      case Hypercall::grant_table_op:
        return operation == 2 ? 0b0100U : 0U;
      case Hypercall::sched_op:
        return operation == 3 ? 1U : 0U;
      case Hypercall::vcpu_op:
        return operation == 5 ? 1U : 0U;
      default:
        return 0;
    }
  }

  // As long as the longest, XENMEM_exchange's.
  static constexpr std::size_t words_of_structure = 9;

  std::uint64_t structure(unsigned addresses) {
    std::vector<std::uint64_t>& words = places_.emplace_back(words_of_structure);
    for (std::uint64_t& value : words) {
      value = (addresses & 1U) != 0 ? address() : word();
      addresses >>= 1U;
    }
    return reinterpret_cast<std::uint64_t>(words.data());
  }

  Call one(Hypercall number) {
    const auto start = std::uint64_t{input_.take<std::uint8_t>()} / 64;  // of a memory_op: the extent to begin with
    const std::uint64_t operation = input_.take<std::uint8_t>() % 32 | start << 6U;
    const std::uint64_t other = input_.take<std::uint16_t>();
    const unsigned addresses = addresses_in(number, operation);
    switch (number) {
      case Hypercall::console_io:
        return {number, {operation, other, address()}};
      case Hypercall::xen_version:
        return {number, {operation % 16, address()}};
      case Hypercall::domctl:
        return {number, {address()}};
      case Hypercall::vcpu_op:
        return {number, {operation, other % 64, structure(addresses)}};
      default:
        break;
    }
    const std::uint64_t place = structure(addresses);
    if (addresses != 0 || other % 2 == 0) {
      return {number, {operation, place, 1}};
    }
    const std::uint64_t in_ram = address();
    static_cast<void>(
        domain_.copy_to_guest(in_ram, places_.back().data(), words_of_structure * sizeof(std::uint64_t)));
    return {number, {operation, in_ram, other / 2}};
  }

  Call several() {
    std::vector<std::uint64_t> entries;
    const std::uint64_t count = 1 + input_.take<std::uint8_t>() % 4;
    for (std::uint64_t index = 0; index != count; ++index) {
      const auto [number, arguments] = one(numbers[input_.take<std::uint8_t>() % numbers.size()]);
      entries.insert(entries.end(), {static_cast<std::uint64_t>(number), 0});
      entries.insert(entries.end(), arguments.begin(), arguments.end());
      entries.push_back(0);
    }
    places_.push_back(std::move(entries));
    return {Hypercall::multicall, {reinterpret_cast<std::uint64_t>(places_.back().data()), count}};
  }

  Input& input_;
  model::Domain& domain_;
  std::vector<std::vector<std::uint64_t>> places_;  // until the next call
};

}  // namespace enlighten::fuzz
