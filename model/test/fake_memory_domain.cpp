// SPDX-License-Identifier: MIT
// A domain of frames in maps.
#include "fake_memory_domain.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace enlighten::model {
namespace {

constexpr std::uint64_t nobodys_addresses = abi::page_size;

}  // namespace

void Fake_memory_turns::step(const void* where) {
  steps.push_back(where);
  if (on_step) {
    on_step(where);
  }
}

// Nobody else could make it true.
void Fake_memory_turns::wait(const std::function<bool()>& condition) {
  if (!condition()) {
    std::abort();
  }
}

Mfn Fake_memory_machine::allocate() {
  constexpr std::uint64_t first = 0x80000;
  pages.push_back(std::make_unique<std::array<std::byte, abi::page_size>>());
  return Mfn{first + pages.size() - 1};
}

Fake_memory_domain::Fake_memory_domain(Fake_memory_machine& machine, Domain_id id, std::uint32_t max_mappings)
    : machine_{machine},
      id_{id},
      shared_info_{machine.allocate()},
      grants_{*this, 64, max_mappings},
      memory_{*this} {
  machine.domains[id] = this;
  for (std::uint64_t page = 0; page < initial_pages; ++page) {
    Fake_memory_domain::place(abi::Gfn{first_ram.value() + page}, machine.allocate(), Access::read_write);
  }
}

Fake_memory_domain::~Fake_memory_domain() {
  machine_.domains.erase(id_);
}

std::optional<Access> Fake_memory_domain::access(abi::Gfn frame) const {
  const auto found = map_.find(frame);
  return found == map_.end() ? std::nullopt : std::optional{found->second.access};
}

abi::Shared_info& Fake_memory_domain::shared_info() {
  return *reinterpret_cast<abi::Shared_info*>(bytes(shared_info_));
}

abi::Vcpu_info& Fake_memory_domain::vcpu_info(Vcpu_id) {
  return shared_info().vcpu_info[0];
}

std::optional<Mfn> Fake_memory_domain::machine_frame(abi::Gfn frame) {
  const auto found = map_.find(frame);
  return found == map_.end() ? std::nullopt : std::optional{found->second.frame};
}

std::byte* Fake_memory_domain::bytes(Mfn frame) {
  constexpr std::uint64_t first = 0x80000;
  return machine_.pages.at(frame.value() - first)->data();
}

void Fake_memory_domain::place(abi::Gfn frame, Mfn what, Access access) {
  map_.insert_or_assign(frame, Place{what, access});
  highest_ = std::max(highest_, frame);
}

std::byte* Fake_memory_domain::ram(abi::Gfn frame) {
  const std::optional<Mfn> found = machine_frame(frame);
  return found ? bytes(*found) : nullptr;
}

void Fake_memory_domain::unpin(abi::Gfn frame) {
  pins_.at(frame).pop_back();
}

const char* Fake_memory_domain::pinned_by(abi::Gfn frame) {
  const auto found = pins_.find(frame);
  return found == pins_.end() || found->second.empty() ? nullptr : found->second.back();
}

bool Fake_memory_domain::copy_from_guest(void* to, std::uint64_t guest_address, std::size_t size) {
  if (guest_address < nobodys_addresses) {
    return false;
  }
  std::memcpy(to, reinterpret_cast<const void*>(guest_address), size);
  return true;
}

bool Fake_memory_domain::copy_to_guest(std::uint64_t guest_address, const void* from, std::size_t size) {
  if (guest_address < nobodys_addresses) {
    return false;
  }
  std::memcpy(reinterpret_cast<void*>(guest_address), from, size);
  return true;
}

Grant_table* Fake_memory_domain::grant_table(Domain_id domain) {
  const auto found = machine_.domains.find(domain);
  return found == machine_.domains.end() ? nullptr : &found->second->grants();
}

}  // namespace enlighten::model
