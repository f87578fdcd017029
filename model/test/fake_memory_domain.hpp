// SPDX-License-Identifier: MIT
// Domains on a machine of their own for tests of grants and memory: a map of frames each, and no vCPUs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <model/grant_table.hpp>
#include <model/memory_operations.hpp>

namespace enlighten::model {

// One caller at a time. `on_step` is whoever acts between two accesses of Xen's.
class Fake_memory_turns final : public Turns {
 public:
  void step(const void* where) override;
  void wait(const std::function<bool()>& condition) override;

  std::vector<const void*> steps;
  std::function<void(const void*)> on_step;
};

class Fake_memory_domain;

struct Fake_memory_machine {
  Release release = Release::v4_17;
  bool silo = true;
  Fake_memory_turns turns;
  std::vector<std::unique_ptr<std::array<std::byte, abi::page_size>>> pages;
  std::map<Domain_id, Fake_memory_domain*> domains;

  [[nodiscard]] Mfn allocate();
};

// Guest addresses are this process's; those of its first page are nobody's.
class Fake_memory_domain final : public Memory_owner {
 public:
  static constexpr abi::Gfn first_ram{0x40000};
  static constexpr std::uint64_t initial_pages = 1024;
  // Of the extended region: covered, and a hole.
  static constexpr abi::Gfn region{0x48000};

  Fake_memory_domain(Fake_memory_machine& machine, Domain_id id, std::uint32_t max_mappings = 4096);
  ~Fake_memory_domain() override;

  [[nodiscard]] Grant_table& grants() { return grants_; }
  [[nodiscard]] Memory_operations& memory() { return memory_; }
  [[nodiscard]] const std::vector<std::string>& blames() const { return blames_; }
  [[nodiscard]] std::optional<Access> access(abi::Gfn frame) const;

  [[nodiscard]] Domain_id id() const override { return id_; }
  [[nodiscard]] Release release() const override { return machine_.release; }
  [[nodiscard]] const Quirks& quirks() const override { return quirks_; }
  [[nodiscard]] bool silo() const override { return machine_.silo; }
  [[nodiscard]] Turns& turns() override { return machine_.turns; }
  [[nodiscard]] std::uint32_t vcpus() const override { return 0; }
  [[nodiscard]] abi::Shared_info& shared_info() override;
  [[nodiscard]] abi::Vcpu_info& vcpu_info(Vcpu_id vcpu) override;
  [[nodiscard]] std::optional<Mfn> machine_frame(abi::Gfn frame) override;
  [[nodiscard]] std::byte* bytes(Mfn frame) override;
  [[nodiscard]] Mfn allocate_frame() override { return machine_.allocate(); }
  void place(abi::Gfn frame, Mfn what, Access access) override;
  void remove(abi::Gfn frame) override { map_.erase(frame); }
  [[nodiscard]] std::byte* ram(abi::Gfn frame) override;
  void pin(abi::Gfn frame, const char* by) override { pins_[frame].push_back(by); }
  void unpin(abi::Gfn frame) override;
  [[nodiscard]] bool copy_from_guest(void* to, std::uint64_t guest_address, std::size_t size) override;
  [[nodiscard]] bool copy_to_guest(std::uint64_t guest_address, const void* from, std::size_t size) override;
  void inject_upcall(Vcpu_id) override {}
  void wake_pollers(Port) override {}
  [[nodiscard]] Event_channels* event_channels(Domain_id) override { return nullptr; }
  [[nodiscard]] Grant_table* grant_table(Domain_id domain) override;
  void blame_guest(const std::string& what) override { blames_.push_back(what); }

  [[nodiscard]] Mfn shared_info_frame() override { return shared_info_; }
  [[nodiscard]] const char* pinned_by(abi::Gfn frame) override;
  [[nodiscard]] bool covers(abi::Gfn frame) override { return frame < abi::Gfn{0x100000}; }
  [[nodiscard]] std::uint64_t ram_pages() override { return initial_pages; }
  [[nodiscard]] std::uint64_t most_ram_pages() override { return initial_pages; }
  [[nodiscard]] abi::Gfn maximum_gfn() override { return highest_; }
  [[nodiscard]] Mfn maximum_machine_frame() override { return Mfn{0xfffff}; }

 private:
  struct Place {
    Mfn frame;
    Access access;
  };

  Fake_memory_machine& machine_;
  Domain_id id_;
  Quirks quirks_;
  Mfn shared_info_;
  std::map<abi::Gfn, Place> map_;
  std::map<abi::Gfn, std::vector<const char*>> pins_;
  abi::Gfn highest_{0};
  std::vector<std::string> blames_;
  Grant_table grants_;
  Memory_operations memory_;
};

// The address of an argument, as a hypercall takes it.
template <typename T>
[[nodiscard]] std::uint64_t address_of(T& argument) {
  return reinterpret_cast<std::uintptr_t>(&argument);
}

}  // namespace enlighten::model
