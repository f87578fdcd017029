// SPDX-License-Identifier: MIT
// Opens, uses and renews the ports of a mailbox.
#include "mailbox.hpp"

#include <abi/domain_id.hpp>
#include <arch/processor.hpp>
#include <runtime/log.hpp>

namespace storm {

void Faults::check(const Result<>& result) noexcept {
  // The first says what is wrong; thousands more would not.
  if (!result && refused.fetch_add(1, std::memory_order_relaxed) == 0) {
    runtime::log(result.error());
  }
}

Mailbox::Sharing::Sharing(Mailbox& box) noexcept : box_{box} {
  while (box_.users_.fetch_add(1, std::memory_order_acquire) < 0) {
    box_.users_.fetch_sub(1, std::memory_order_relaxed);
    arch::relax();
  }
}

Result<> Mailbox::open(Guest& guest, Faults& faults, Cpu from, Cpu to) noexcept {
  guest_ = &guest;
  faults_ = &faults;
  from_ = from;
  to_ = to;
  movable_ = (from.value() + to.value()) % 2 != 0;
  return bind();
}

Result<> Mailbox::bind() noexcept {
  Receiver& receiver = receivers_[++binding_ % 2];
  receiver.box = this;
  receiver.alive.store(true, std::memory_order_relaxed);
  const guest::Ready_vcpu to = ENLIGHTEN_TRY(guest_->ready(to_));
  if (!movable_) {
    port_ = ENLIGHTEN_TRY(guest_->events().bind_ipi(to, &receiver));
    return {};
  }
  port_ = ENLIGHTEN_TRY(guest_->events().alloc_unbound(abi::domain_self, to, &receiver));
  peer_ = ENLIGHTEN_TRY(guest_->events().bind_interdomain(abi::domain_self, port_.port(),
                                                          ENLIGHTEN_TRY(guest_->ready(from_)), nullptr));
  return {};
}

std::uint32_t Mailbox::post() noexcept {
  const Sharing use{*this};
  const std::uint32_t number = posted_.load(std::memory_order_relaxed) + 1;
  // Release: of what is to be seen with it there is nothing more here, but there would be in a real mailbox.
  posted_.store(number, std::memory_order_release);
  faults_->check(sending_end().send());
  return number;
}

void Mailbox::disturb() noexcept {
  const Sharing use{*this};
  faults_->check(sending_end().send());
}

void Mailbox::mask() noexcept {
  const Sharing use{*this};
  port_.mask();
}

void Mailbox::unmask() noexcept {
  const Sharing use{*this};
  faults_->check(port_.unmask());
}

void Mailbox::move(Cpu to) noexcept {
  if (movable_) {
    const Sharing use{*this};
    if (const auto ready = guest_->ready(to)) {
      faults_->check(port_.move_to(*ready));
    }
  }
}

void Mailbox::prioritize(std::uint32_t priority) noexcept {
  if (guest_->events().abi() == guest::Event_abi::fifo) {
    const Sharing use{*this};
    faults_->check(port_.set_priority(priority));
  }
}

void Mailbox::renew() noexcept {
  std::int32_t nobody = 0;
  if (!users_.compare_exchange_strong(nobody, closing, std::memory_order_acquire, std::memory_order_relaxed)) {
    return;
  }
  Receiver& old = receivers_[binding_ % 2];
  faults_->check(port_.close());
  old.alive.store(false, std::memory_order_seq_cst);
  faults_->check(peer_.close());
  faults_->check(bind());
  // What was posted while the old port's event was on its way.
  faults_->check(sending_end().send());
  users_.fetch_sub(closing, std::memory_order_release);
}

void Mailbox::Receiver::on_event(Port) noexcept {
  box->received(*this);
}

void Mailbox::received(const Receiver& receiver) noexcept {
  if (busy_.exchange(true, std::memory_order_acquire)) {
    faults_->overlaps.fetch_add(1, std::memory_order_relaxed);
  }
  if (!receiver.alive.load(std::memory_order_seq_cst)) {
    faults_->late.fetch_add(1, std::memory_order_relaxed);
  }
  if (!movable_ && guest::cpu_local().cpu != to_) {
    faults_->misplaced.fetch_add(1, std::memory_order_relaxed);
  }
  seen_.store(posted_.load(std::memory_order_acquire), std::memory_order_release);
  events_.fetch_add(1, std::memory_order_relaxed);
  busy_.store(false, std::memory_order_release);
}

}  // namespace storm
