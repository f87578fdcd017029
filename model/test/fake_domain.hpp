// SPDX-License-Identifier: MIT
// A domain of plain pages for tests of the event channels: it remembers what Xen did to it, and nothing runs in it.
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

#include <abi/errno.hpp>
#include <abi/event_channel.hpp>
#include <model/domain_view.hpp>
#include <model/event_channels.hpp>

namespace enlighten::model {

// What a hypercall returns that Xen refused.
[[nodiscard]] constexpr std::int64_t refused(abi::Errno number) {
  return -static_cast<std::int64_t>(number);
}

// The tests' only thread takes every turn, but for what `on_step` does in between.
class Fake_turns final : public Turns {
 public:
  std::function<void(const void*)> on_step;

  void step(const void* where) override;
  // There is nobody to wait for: a lock that is taken stays taken, and the test ends here.
  void wait(const std::function<bool()>& condition) override;

 private:
  bool inside_ = false;
};

class Fake_domain;

struct Fake_machine {
  Fake_turns turns;
  std::map<Domain_id, Fake_domain*> domains;
  bool silo = true;
};

struct Fake_settings {
  Domain_id id{1};
  Release release = Release::master;
  std::uint32_t vcpus = 4;
  Quirks quirks = {};
  Event_limits limits = {};
};

class Fake_domain final : public Domain_view {
 public:
  explicit Fake_domain(Fake_machine& machine, Fake_settings settings = {});
  ~Fake_domain() override;

  Event_channels channels;

  // What Xen did.
  std::vector<Vcpu_id> upcalls;
  std::vector<Port> polled;
  std::vector<std::string> blames;
  std::map<abi::Gfn, int> pins;

  // Frames 1 to `frames` are RAM, all others holes.
  static constexpr std::uint64_t frames = 256;
  // Gives the vCPU its own vcpu_info in place of what it has before registration.
  void register_vcpu_info(Vcpu_id vcpu);
  [[nodiscard]] abi::Vcpu_info& legacy_slot() { return shared_info_->vcpu_info[0]; }

  // A hypercall; the argument's address is its own, and what Xen returns stands in it.
  template <typename Argument>
  std::int64_t call(abi::Event_channel_op operation, Argument& argument) {
    return channels.call(static_cast<std::uint32_t>(operation), reinterpret_cast<std::uint64_t>(&argument));
  }
  template <typename Argument>
  std::int64_t call(abi::Event_channel_op operation, const Argument& argument) {
    Argument copy = argument;
    return call(operation, copy);
  }

  // What most tests begin with.
  Port bind_ipi(Vcpu_id vcpu = Vcpu_id{0});
  std::int64_t send(Port port);
  abi::Evtchn_status status(Port port);
  std::int64_t init_control(Vcpu_id vcpu, abi::Gfn frame, std::uint32_t offset = 0);
  std::int64_t expand_array(abi::Gfn frame);
  // The FIFO ABI with a control block for each vCPU (vCPU v's in frame 1 + v) and one page of words, in frame 100.
  void switch_to_fifo();
  [[nodiscard]] abi::Evtchn_fifo_control_block& block(Vcpu_id vcpu);
  [[nodiscard]] abi::Event_word& word(Port port);

  [[nodiscard]] Domain_id id() const override { return settings_.id; }
  [[nodiscard]] Release release() const override { return settings_.release; }
  [[nodiscard]] const Quirks& quirks() const override { return settings_.quirks; }
  [[nodiscard]] bool silo() const override { return machine_.silo; }
  [[nodiscard]] Turns& turns() override { return machine_.turns; }
  [[nodiscard]] std::uint32_t vcpus() const override { return settings_.vcpus; }
  [[nodiscard]] abi::Shared_info& shared_info() override { return *shared_info_; }
  [[nodiscard]] abi::Vcpu_info& vcpu_info(Vcpu_id vcpu) override;
  [[nodiscard]] bool covers(abi::Gfn frame) override { return pages_.contains(frame); }
  [[nodiscard]] std::optional<Mfn> machine_frame(abi::Gfn frame) override;
  [[nodiscard]] std::byte* bytes(Mfn frame) override;
  [[nodiscard]] Mfn allocate_frame() override { return Mfn{0}; }
  void place(abi::Gfn /*frame*/, Mfn /*what*/, Access /*access*/) override {}
  void remove(abi::Gfn /*frame*/) override {}
  [[nodiscard]] std::byte* ram(abi::Gfn frame) override;
  void pin(abi::Gfn frame, const char* /*by*/) override { ++pins[frame]; }
  void unpin(abi::Gfn frame) override;
  [[nodiscard]] bool copy_from_guest(void* to, std::uint64_t guest_address, std::size_t size) override;
  [[nodiscard]] bool copy_to_guest(std::uint64_t guest_address, const void* from, std::size_t size) override;
  void inject_upcall(Vcpu_id vcpu) override { upcalls.push_back(vcpu); }
  // As SCHEDOP_poll would, it looks at the port from within.
  void wake_pollers(Port port) override;
  [[nodiscard]] Event_channels* event_channels(Domain_id domain) override;
  [[nodiscard]] Grant_table* grant_table(Domain_id /*domain*/) override { return nullptr; }
  void blame_guest(const std::string& what) override { blames.push_back(what); }

 private:
  struct alignas(abi::page_size) Page {
    std::array<std::byte, abi::page_size> bytes{};
  };

  Fake_machine& machine_;
  Fake_settings settings_;
  std::unique_ptr<abi::Shared_info> shared_info_ = std::make_unique<abi::Shared_info>();
  abi::Vcpu_info dummy_;
  std::map<Vcpu_id, std::unique_ptr<abi::Vcpu_info>> registered_;
  std::map<abi::Gfn, std::unique_ptr<Page>> pages_;
};

}  // namespace enlighten::model
