// SPDX-License-Identifier: MIT
// Setting the FIFO ABI up and taking it down: control blocks, pages of the array, and events pended before both.
#include <model/event_fifo.hpp>

#include <atomic>
#include <cstddef>
#include <string>

#include <abi/errno.hpp>
#include <model/shared_word.hpp>

#include "arguments.hpp"

namespace enlighten::model {
namespace {

using arguments::refusal;

// Not an access of Xen's, so nobody gets a turn.
bool is_zero(abi::Evtchn_fifo_control_block& block) {
  const auto zero = [](std::uint32_t& word) { return std::atomic_ref{word}.load(std::memory_order_relaxed) == 0; };
  for (std::uint32_t& head : block.head) {
    if (!zero(head)) {
      return false;
    }
  }
  return zero(block.ready) && zero(block.rsvd);
}

}  // namespace

std::int64_t Event_fifo::map_control_block(const abi::Evtchn_init_control& arguments) {
  const Vcpu_id vcpu = arguments.vcpu;
  if (in_use() && vcpus_[vcpu.value()].block != nullptr) {
    return refusal(abi::Errno::einval);
  }
  std::byte* page = domain_.ram(arguments.control_gfn);
  if (page == nullptr) {
    return refusal(abi::Errno::einval);
  }
  // Only now, so that a first call that fails leaves no trace.
  vcpus_.resize(domain_.vcpus());
  domain_.pin(arguments.control_gfn, "a FIFO control block");
  Vcpu_queues& queues = vcpus_[vcpu.value()];
  queues.block = reinterpret_cast<abi::Evtchn_fifo_control_block*>(page + arguments.offset);
  queues.frame = arguments.control_gfn;
  check_block(arguments, *queues.block);
  raise_awaiting(vcpu);
  return 0;
}

void Event_fifo::check_block(const abi::Evtchn_init_control& arguments, abi::Evtchn_fifo_control_block& block) {
  if (checking_ && !is_zero(block)) {
    domain_.blame_guest("FIFO control block of vCPU " + std::to_string(arguments.vcpu.value()) +
                        " is not zero when it is handed over, and Xen does not clear it");
  }
}

void Event_fifo::raise_awaiting(Vcpu_id vcpu) {
  table_.for_each([&](Event_channel& channel) {
    if (channel.awaits_control_block && channel.notify == vcpu) {
      channel.awaits_control_block = false;
      set_pending(channel, vcpu);
    }
  });
}

// What was saved is remembered even when it has been raised, unless Xen is to be as specified: a second array,
// after EVTCHNOP_reset, has it raised on ports that may be free by then.
std::int64_t Event_fifo::add_page(abi::Gfn frame) {
  if (words_.full()) {
    return refusal(abi::Errno::enospc);
  }
  const std::uint32_t first = words_.ports();
  if (!words_.add_page(frame)) {
    return refusal(abi::Errno::einval);
  }
  for (std::uint32_t port = first; port < words_.ports(); ++port) {
    Event_channel* channel = table_.find(Port{port});
    if (channel == nullptr) {
      break;
    }
    if (channel->saved_pending) {
      channel->saved_pending = domain_.quirks().keeps_pending_over_reset;
      set_pending(*channel, channel->notify);
    }
  }
  return 0;
}

void Event_fifo::take_over_ports() {
  auto& pending = domain_.shared_info().evtchn_pending;
  table_.for_each([&](Event_channel& channel) {
    begin(channel);
    if (channel.port.value() >= abi::two_level_ports) {
      return;
    }
    const std::uint32_t bit = channel.port.value() % abi::two_level_bits_per_word;
    Shared_word<std::uint64_t> word{domain_, pending[channel.port.value() / abi::two_level_bits_per_word]};
    const bool may_keep = channel.usable() || domain_.quirks().keeps_pending_over_reset;
    if ((word.load() >> bit & 1U) != 0 && may_keep) {
      channel.saved_pending = true;
    }
  });
}

void Event_fifo::destroy() {
  for (const Vcpu_queues& queues : vcpus_) {
    if (queues.frame) {
      domain_.unpin(*queues.frame);
    }
  }
  vcpus_.clear();
  words_.remove_all();
}

void Event_fifo::set_checking(bool on) {
  checking_ = on;
  words_.set_checking(on);
}

}  // namespace enlighten::model
