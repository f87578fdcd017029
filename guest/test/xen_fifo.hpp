// SPDX-License-Identifier: MIT
// Xen's side of the FIFO event ABI, access by access, for tests ([xen] event_fifo.c as its documents describe it).
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <span>

#include <abi/event_fifo.hpp>
#include <abi/vcpu_info.hpp>
#include <base/ids.hpp>

#include "interleaving.hpp"

namespace enlighten::guest::test {

// Shared memory and Xen's own books of one domain with `Vcpus` vCPUs and ports 1 to `Ports` - 1. Calls are made by
// actors: by a vCPU that makes a hypercall, or by one that stands for another domain.
template <std::size_t Vcpus, std::size_t Ports>
class Xen_fifo {
 public:
  struct Queue {
    std::uint32_t tail = 0;
    std::uint32_t locked = 0;
  };

  struct Vcpu {
    abi::Vcpu_info info;
    abi::Evtchn_fifo_control_block block;
    std::array<Queue, abi::fifo_queues> queues{};
    std::uint32_t id = 0;
    bool has_block = true;
    bool interrupted = false;
  };

  struct Channel {
    std::uint32_t vcpu = 0;
    std::uint32_t priority = abi::fifo_priority_default;
    std::uint32_t last_vcpu = 0;
    std::uint32_t last_priority = abi::fifo_priority_default;
  };

  explicit Xen_fifo(Schedule& schedule) : schedule_{&schedule}, words_{schedule} {
    for (Vcpu& vcpu : vcpus) {
      vcpu.id = static_cast<std::uint32_t>(&vcpu - vcpus.data());
      schedule.share(vcpu.info.evtchn_upcall_pending);
      schedule.share(vcpu.block);
      schedule.watch(vcpu.queues);
      schedule.watch(vcpu.interrupted);
    }
    schedule.share(std::span{array}.template first<Ports>());
    schedule.watch(channels);
    schedule.watch(raised);
  }

  // EVTCHNOP_send by whoever holds the other end.
  void send(Port port) {
    ++raised[port.value()];
    Channel& channel = channels[port.value()];
    abi::Event_word& word = array[port.value()];
    const auto [vcpu, priority, queue, last] = lock(channel);
    if (!vcpu->has_block) {
      unlock(queue, last);
      return;  // lost, and nobody is told
    }
    words_.fetch_or(word, abi::event_word::pending, order);
    bool linked = true;
    if (!test(word, abi::event_word::masked) && !test(word, abi::event_word::linked)) {
      linked = (words_.fetch_or(word, abi::event_word::linked, order) & abi::event_word::linked) != 0;
      if (!linked) {
        if (last->tail == port.value()) {
          last->tail = 0;
        }
        channel.last_vcpu = vcpu->id;
        channel.last_priority = priority;
        linked = queue->tail != 0 && link(array[queue->tail], port.value());
        if (!linked) {
          words_.store(vcpu->block.head[priority], port.value(), order);
        }
        queue->tail = port.value();
      }
    }
    unlock(queue, last);
    const std::uint32_t bit = std::uint32_t{1} << priority;
    if (!linked && (words_.fetch_or(vcpu->block.ready, bit, order) & bit) == 0) {
      raise(*vcpu);
    }
  }

  // EVTCHNOP_unmask.
  void unmask(Port port) {
    words_.fetch_and(array[port.value()], ~abi::event_word::masked, order);
    if (test(array[port.value()], abi::event_word::pending)) {
      send(port);
    }
  }

  // EVTCHNOP_close: a linked port stays linked.
  void close(Port port) { words_.fetch_and(array[port.value()], ~abi::event_word::pending, order); }

  // EVTCHNOP_bind_vcpu: from the next linking on.
  void bind_vcpu(Port port, std::uint32_t vcpu) { channels[port.value()].vcpu = vcpu; }

  std::array<abi::Event_word, abi::fifo_words_per_page> array{};
  std::array<Vcpu, Vcpus> vcpus{};
  std::array<Channel, Ports> channels{};
  std::array<std::uint32_t, Ports> raised{};  // a port unmasked by Xen while its event is taken is raised once more
  bool gave_up = false;  // an event was left out of its queue, because the guest kept changing the tail

 private:
  static constexpr auto order = std::memory_order_seq_cst;

  bool test(abi::Event_word& word, abi::Event_word bit) const { return (words_.load(word, order) & bit) != 0; }

  // Makes `port` follow the queue's last word; false if the guest has taken that off already.
  bool link(abi::Event_word& tail, std::uint32_t port) {
    abi::Event_word seen = words_.load(tail, order);
    if (const int linked = try_link(tail, seen, port); linked >= 0) {
      return linked != 0;
    }
    words_.fetch_or(tail, abi::event_word::busy, order);
    seen = words_.load(tail, order);
    for (int attempt = 0; attempt != 4; ++attempt) {
      if (const int linked = try_link(tail, seen, port); linked >= 0) {
        if (linked == 0) {
          words_.fetch_and(tail, ~abi::event_word::busy, order);
        }
        return linked != 0;
      }
    }
    gave_up = true;
    words_.fetch_and(tail, ~abi::event_word::busy, order);
    return true;
  }

  int try_link(abi::Event_word& tail, abi::Event_word& seen, std::uint32_t port) const {
    if ((seen & abi::event_word::linked) == 0) {
      return 0;
    }
    const abi::Event_word changed = (seen & ~(abi::event_word::busy | abi::event_word::link)) | port;
    return words_.compare_exchange(tail, seen, changed, order) ? 1 : -1;
  }

  void raise(Vcpu& vcpu) {
    if (words_.exchange(vcpu.info.evtchn_upcall_pending, 1, order) == 0) {
      vcpu.interrupted = true;
    }
  }

  // Where the port is to be linked, and where it was last.
  struct Locked {
    Vcpu* vcpu;
    std::uint32_t priority;
    Queue* queue;
    Queue* last;
  };

  // Both queues, or what the port is bound to has changed while we waited, and these are the wrong ones.
  Locked lock(const Channel& channel) {
    for (;;) {
      const Locked chosen = choose(channel);
      if (!schedule_->wait([&] { return chosen.queue->locked == 0 && chosen.last->locked == 0; })) {
        ADD_FAILURE() << "Xen waits for a queue's lock for ever";
      }
      const Locked now = choose(channel);
      if (now.queue == chosen.queue && now.last == chosen.last) {
        chosen.queue->locked = chosen.last->locked = 1;
        return chosen;
      }
    }
  }
  Locked choose(const Channel& channel) {
    Vcpu& vcpu = vcpus[channel.vcpu];
    return {&vcpu, channel.priority, &vcpu.queues[channel.priority],
            &vcpus[channel.last_vcpu].queues[channel.last_priority]};
  }
  static void unlock(Queue* queue, Queue* last) { queue->locked = last->locked = 0; }

  Schedule* schedule_;
  Stepped_words words_;
};

}  // namespace enlighten::guest::test
