// SPDX-License-Identifier: MIT
// What one vCPU sends another: a number that counts up, announced by an event whose port changes all the time.
#pragma once

#include <atomic>
#include <cstdint>

#include <runtime/guest.hpp>

namespace storm {

using namespace enlighten;
using runtime::Guest;

// What must stay zero.
struct Faults {
  std::atomic<std::uint32_t> refused{0};    // operations
  std::atomic<std::uint32_t> overlaps{0};   // a handler while the same mailbox's handler ran elsewhere
  std::atomic<std::uint32_t> late{0};       // a handler after its port was closed
  std::atomic<std::uint32_t> misplaced{0};  // a handler on another vCPU than the one an IPI is bound to

  void check(const Result<>& result) noexcept;
};

// The sender counts up `posted` and sends; whoever handles the event copies what it finds to `seen`. Then whatever
// was posted before an event was sent is seen after it; an event that is lost leaves the two apart.
class Mailbox {
 public:
  // Every other mailbox is a loop of two ports, which can be moved; the others are IPIs.
  [[nodiscard]] Result<> open(Guest& guest, Faults& faults, Cpu from, Cpu to) noexcept;

  // On the sender's vCPU. Returns the number to be seen.
  std::uint32_t post() noexcept;
  [[nodiscard]] std::uint32_t posted() const noexcept { return posted_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool has_seen(std::uint32_t number) const noexcept {
    return static_cast<std::int32_t>(seen_.load(std::memory_order_acquire) - number) >= 0;
  }
  [[nodiscard]] std::uint32_t events() const noexcept { return events_.load(std::memory_order_relaxed); }

  // From any vCPU at any time. Between mask() and unmask() by the same caller others may do the same.
  void mask() noexcept;
  void unmask() noexcept;
  void move(Cpu to) noexcept;
  void prioritize(std::uint32_t priority) noexcept;
  void disturb() noexcept;  // one event more
  // Unless somebody else is at the mailbox: closes the port and binds another in its place.
  void renew() noexcept;

 private:
  // A binding's own handler, so that an event which reaches the one before is noticed.
  class Receiver final : public guest::Event_handler {
   public:
    void on_event(Port port) noexcept override;
    Mailbox* box = nullptr;
    std::atomic<bool> alive{false};
  };

  // Operations on a port may overlap, but not with its owner's closing it: the object is one vCPU's then.
  class Sharing {
   public:
    explicit Sharing(Mailbox& box) noexcept;
    ~Sharing() { box_.users_.fetch_sub(1, std::memory_order_release); }
    Sharing(const Sharing&) = delete;
    Sharing& operator=(const Sharing&) = delete;

   private:
    Mailbox& box_;
  };
  static constexpr std::int32_t closing = -1'000'000;

  [[nodiscard]] Result<> bind() noexcept;
  void received(const Receiver& receiver) noexcept;
  [[nodiscard]] const guest::Bound_port& sending_end() const noexcept { return movable_ ? peer_ : port_; }

  Guest* guest_ = nullptr;
  Faults* faults_ = nullptr;
  Cpu from_{0};
  Cpu to_{0};
  bool movable_ = false;
  std::uint32_t binding_ = 0;
  Receiver receivers_[2];
  guest::Bound_port port_;  // where events arrive
  guest::Bound_port peer_;  // of a loop: where they are sent
  std::atomic<std::int32_t> users_{0};
  std::atomic<std::uint32_t> posted_{0};
  std::atomic<std::uint32_t> seen_{0};
  std::atomic<std::uint32_t> events_{0};
  std::atomic<bool> busy_{false};
};

}  // namespace storm
