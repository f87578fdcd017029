// SPDX-License-Identifier: MIT
// Steps that are a guest's accesses to the words of events, as the two ABIs want them.
#include <bit>

#include <conformance/ports.hpp>

#include "outcome.hpp"

namespace enlighten::conformance::differential {
namespace {

namespace bits = abi::event_word;

// The word of `port` in one of the two arrays of shared_info; null where the guest cannot reach it.
template <std::uint64_t (abi::Shared_info::*array)[abi::two_level_words]>
[[nodiscard]] std::uint64_t* two_level_word(Scene& scene, Port port) noexcept {
  abi::Shared_info* const shared = scene.shared_info();
  const std::uint32_t word = port.value() / abi::two_level_bits_per_word;
  return shared == nullptr || word >= abi::two_level_words ? nullptr : &(shared->*array)[word];
}

[[nodiscard]] std::uint64_t bit_in_word(Port port) noexcept {
  return std::uint64_t{1} << port.value() % abi::two_level_bits_per_word;
}

template <std::uint64_t (abi::Shared_info::*array)[abi::two_level_words]>
void change(Scene& scene, Port port, abi::Event_word fifo_bit, bool on, Outcome& outcome) noexcept {
  if (scene.fifo()) {
    if (abi::Event_word* const word = scene.word(port); word != nullptr) {
      const std::atomic_ref ref{*word};
      outcome.add((on ? ref.fetch_or(fifo_bit) : ref.fetch_and(~fifo_bit)) / fifo_bit % 2);
    }
  } else if (std::uint64_t* const word = two_level_word<array>(scene, port); word != nullptr) {
    const std::atomic_ref ref{*word};
    const std::uint64_t before = on ? ref.fetch_or(bit_in_word(port)) : ref.fetch_and(~bit_in_word(port));
    outcome.add((before & bit_in_word(port)) != 0 ? 1 : 0);
  }
}

void look(Scene& scene, Port port, Outcome& outcome) noexcept {
  if (scene.fifo()) {
    if (abi::Event_word* const word = scene.word(port); word != nullptr) {
      outcome.add(get(*word));
    }
    return;
  }
  std::uint64_t* const pending = two_level_word<&abi::Shared_info::evtchn_pending>(scene, port);
  std::uint64_t* const mask = two_level_word<&abi::Shared_info::evtchn_mask>(scene, port);
  if (pending != nullptr && mask != nullptr) {
    outcome.add((get(*pending) & bit_in_word(port)) != 0 ? 1 : 0)
        .add((get(*mask) & bit_in_word(port)) != 0 ? 1 : 0);
  }
}

// Takes `word` out of its queue, as it does who wants no link twice: what it was linked to, 0 at the end.
[[nodiscard]] std::uint32_t unlink(abi::Event_word& word) noexcept {
  const std::atomic_ref ref{word};
  abi::Event_word seen = ref.load();
  while (!ref.compare_exchange_weak(seen, seen & ~(bits::linked | bits::link))) {
  }
  return seen & bits::link;
}

// One event of the highest of the vCPU's queues: the queue, the port, and whether it is to be handled.
void consume_fifo(Scene& scene, std::uint32_t vcpu, Outcome& outcome) noexcept {
  Queues& queues = scene.queues(vcpu);
  if (queues.block == nullptr) {
    return;
  }
  queues.ready |= std::atomic_ref{queues.block->ready}.exchange(0);
  const auto queue = static_cast<std::uint32_t>(std::countr_zero(queues.ready));
  if (queue >= abi::fifo_queues) {
    outcome.add(-1);
    return;
  }
  std::uint32_t& head = queues.heads[queue];
  if (head == 0) {
    head = get(queues.block->head[queue]);
  }
  outcome.add(queue).add(head);
  abi::Event_word* const word = head == 0 ? nullptr : scene.word(Port{head});
  if (word == nullptr) {
    queues.ready &= ~(1U << queue);
    head = 0;
    return;
  }
  head = unlink(*word);
  if (head == 0) {
    queues.ready &= ~(1U << queue);
  }
  const bool wanted = (get(*word) & (bits::pending | bits::masked)) == bits::pending;
  if (wanted) {
    std::atomic_ref{*word}.fetch_and(~bits::pending);
  }
  outcome.add(wanted ? 1 : 0);
}

// The first event of the first word that is selected: the port, or 0 if the word has none.
void consume_two_level(Scene& scene, std::uint32_t vcpu, Outcome& outcome) noexcept {
  abi::Shared_info* const shared = scene.shared_info();
  if (shared == nullptr) {
    return;
  }
  std::uint64_t& selected = scene.selected(vcpu);
  selected |= std::atomic_ref{scene.vcpu_info(vcpu).evtchn_pending_sel}.exchange(0);
  if (selected == 0) {
    outcome.add(-1);
    return;
  }
  const auto word = static_cast<std::uint32_t>(std::countr_zero(selected));
  const std::uint64_t wanted = get(shared->evtchn_pending[word]) & ~get(shared->evtchn_mask[word]);
  if (wanted == 0) {
    selected &= selected - 1;
    outcome.add(0);
    return;
  }
  const auto bit = static_cast<std::uint32_t>(std::countr_zero(wanted));
  std::atomic_ref{shared->evtchn_pending[word]}.fetch_and(~(std::uint64_t{1} << bit));
  outcome.add(word * abi::two_level_bits_per_word + bit);
}

}  // namespace

void do_word_step(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  const Port port = scene.port(step.operands[0]);
  switch (step.operation) {
    case Operation::mask:
      return change<&abi::Shared_info::evtchn_mask>(scene, port, bits::masked, true, outcome);
    case Operation::clear_mask:
      return change<&abi::Shared_info::evtchn_mask>(scene, port, bits::masked, false, outcome);
    case Operation::clear_pending:
      return change<&abi::Shared_info::evtchn_pending>(scene, port, bits::pending, false, outcome);
    case Operation::look:
      return look(scene, port, outcome);
    case Operation::consume:
      return scene.fifo() ? consume_fifo(scene, step.vcpu, outcome) : consume_two_level(scene, step.vcpu, outcome);
    default:
      outcome.add(std::atomic_ref{scene.vcpu_info(step.vcpu).evtchn_upcall_pending}.exchange(0));
  }
}

}  // namespace enlighten::conformance::differential
