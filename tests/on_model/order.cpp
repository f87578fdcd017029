// SPDX-License-Identifier: MIT
// Whether ThreadSanitizer, on the model's threads, sees an ordering that a queue of guest/ lacks:
// on_model_order [as-it-is | no-acquire | no-release]
//
// Two vCPUs use the FIFO queue by itself. One writes a letter, plain memory, and sends an event; the other takes
// the event, reads the letter and answers in the same way: nothing but the event orders the two. Then one grows the
// event array while the other looks for a word in the new page. The queue is a template over how it touches words:
// with its orderings all is well; without its acquires the letters race, without its releases the new page does.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <abi/frame.hpp>
#include <arch/processor.hpp>
#include <arch/psci.hpp>
#include <guest/fifo_queue.hpp>
#include <model/affinity.hpp>
#include <model/xen.hpp>
#include <model_machine/thread_processor.hpp>

#include "calls.hpp"

namespace enlighten::on_model {
namespace {

using guest::Shared_words;

constexpr std::memory_order without_acquire(std::memory_order order) {
  return order == std::memory_order_acquire   ? std::memory_order_relaxed
         : order == std::memory_order_acq_rel ? std::memory_order_release
         : order == std::memory_order_seq_cst ? std::memory_order_relaxed
                                              : order;
}

constexpr std::memory_order without_release(std::memory_order order) {
  return order == std::memory_order_release ? std::memory_order_relaxed : order;
}

// The policy of every image, each order put through `weaker`.
template <std::memory_order (*weaker)(std::memory_order)>
struct Weaker_words {
  template <typename T>
  [[nodiscard]] static T load(T& word, std::memory_order order) noexcept {
    return Shared_words::load(word, weaker(order));
  }
  template <typename T>
  static void store(T& word, std::type_identity_t<T> value, std::memory_order order) noexcept {
    Shared_words::store(word, value, weaker(order));
  }
  template <typename T>
  static T exchange(T& word, std::type_identity_t<T> value, std::memory_order order) noexcept {
    return Shared_words::exchange(word, value, weaker(order));
  }
  template <typename T>
  static T fetch_or(T& word, std::type_identity_t<T> bits, std::memory_order order) noexcept {
    return Shared_words::fetch_or(word, bits, weaker(order));
  }
  template <typename T>
  static T fetch_and(T& word, std::type_identity_t<T> bits, std::memory_order order) noexcept {
    return Shared_words::fetch_and(word, bits, weaker(order));
  }
  template <typename T>
  [[nodiscard]] static bool compare_exchange(T& word, std::type_identity_t<T>& expected,
                                             std::type_identity_t<T> desired, std::memory_order order) noexcept {
    return std::atomic_ref<T>{word}.compare_exchange_weak(expected, desired, weaker(order),
                                                          std::memory_order_relaxed);
  }
};

template <guest::Word_policy Words>
class Two_vcpus {
 public:
  Two_vcpus() {
    for (Vcpu& vcpu : vcpus_) {
      auto* const page = take_page();
      vcpu.info = new (page) abi::Vcpu_info;
      vcpu.block = new (page + abi::page_size / 2) abi::Evtchn_fifo_control_block;
      vcpu.consumer.emplace(*vcpu.info, *vcpu.block);
    }
  }

  [[nodiscard]] bool run() {
    processor_.start(domain_, {Vcpu_id{0}, entry, 0});
    const model_machine::Outcome outcome = processor_.run(1'000'000);
    if (outcome != model_machine::Outcome::done || letters_read_ != letters) {
      std::fprintf(stderr, "%s, %u letters read\n%s", words(outcome), letters_read_, processor_.story().c_str());
      return false;
    }
    return true;
  }

 private:
  static constexpr std::uint64_t entry = 0x4000;
  static constexpr std::uint32_t letters = 400;

  struct Vcpu {
    abi::Vcpu_info* info = nullptr;
    abi::Evtchn_fifo_control_block* block = nullptr;
    std::optional<guest::Fifo_consumer<Words>> consumer;
    Port port{0};
    std::uint32_t letter = 0;  // to the other: plain memory
  };

  std::byte* take_page() {
    auto* const page = reinterpret_cast<std::byte*>(next_page_);
    next_page_ += abi::page_size;
    return page;
  }

  void need(std::int64_t result) {
    if (result != 0) {
      domain_.blame_guest("a call that cannot fail was refused: " + std::to_string(result));
    }
  }

  void grow() {
    auto* const page = reinterpret_cast<abi::Event_word*>(take_page());
    if (!array_.append(typename guest::Fifo_array<Words>::Page{page, abi::fifo_words_per_page})) {
      domain_.blame_guest("the array is full");
    }
    abi::Evtchn_expand_array argument{.array_gfn = abi::gfn_of(reinterpret_cast<std::uintptr_t>(page))};
    need(event_channel_op(abi::Event_channel_op::expand_array, argument));
  }

  void become_ready(Vcpu& self, Vcpu_id id) {
    const auto address = reinterpret_cast<std::uintptr_t>(self.info);
    abi::Vcpu_register_vcpu_info info{abi::gfn_of(address), 0};
    need(vcpu_op(abi::Vcpu_op::register_vcpu_info, id, info));
    abi::Evtchn_init_control control{.control_gfn = abi::gfn_of(address), .offset = abi::page_size / 2, .vcpu = id};
    need(event_channel_op(abi::Event_channel_op::init_control, control));
  }

  void bind(Vcpu& self, Vcpu_id id) {
    abi::Evtchn_bind_ipi argument{.vcpu = id};
    need(event_channel_op(abi::Event_channel_op::bind_ipi, argument));
    self.port = argument.port;
    static_cast<void>(array_.unmask(self.port));
  }

  void send_letter(Vcpu& from, const Vcpu& to, std::uint32_t text) {
    from.letter = text;
    abi::Evtchn_send argument{.port = to.port};
    need(event_channel_op(abi::Event_channel_op::send, argument));
  }

  void read_letter(model_machine::Model_vcpu& machine, Vcpu& self, const Vcpu& from, std::uint32_t expected) {
    bool read = false;
    while (!read) {
      while (!machine.acknowledge_upcall()) {
        machine.wait_for_interrupt();
      }
      const auto drained = self.consumer->drain(array_, [&](Port) {
        read = true;
        if (from.letter != expected) {
          domain_.blame_guest("the letter is not what was sent");
        }
        ++letters_read_;
      });
      if (!drained) {
        domain_.blame_guest(drained.error().text());
      }
    }
  }

  // vCPU 0 sets everything up, both take turns, and vCPU 0 grows the array while vCPU 1 looks for the new words.
  void body(model_machine::Model_vcpu& machine) {
    const std::uint32_t index = machine.id().value();
    Vcpu& self = vcpus_[index];
    Vcpu& other = vcpus_[1 - index];
    become_ready(self, machine.id());
    if (index == 0) {
      grow();
      bind(vcpus_[0], Vcpu_id{0});
      static_cast<void>(arch::Psci{arch::Conduit::hvc}.cpu_on(model::affinity_of(Vcpu_id{1}), entry, 0));
    } else {
      bind(self, machine.id());
    }
    // The letters are numbered; vCPU 1 writes the first.
    for (std::uint32_t number = 0; number < letters; number += 2) {
      if (index == 1) {
        send_letter(self, other, number);
        read_letter(machine, self, other, number + 1);
      } else {
        read_letter(machine, self, other, number);
        send_letter(self, other, number + 1);
      }
    }
    if (index == 0) {
      grow();
    } else {
      while (array_.ports() == abi::fifo_words_per_page) {
        machine.relax();
      }
      static_cast<void>(array_.is_masked(Port{abi::fifo_words_per_page}));
    }
  }

  model_machine::Thread_processor processor_{
      [this](model_machine::Model_vcpu& machine, const model::Vcpu_start&) { body(machine); }};
  model::Xen xen_{processor_, {}};
  model::Domain& domain_{xen_.create({.vcpus = 2})};
  std::uint64_t next_page_ = domain_.ram_base();
  std::array<Vcpu, 2> vcpus_;
  std::array<abi::Event_word*, abi::fifo_max_pages> directory_{};
  guest::Fifo_array<Words> array_{directory_};
  std::uint32_t letters_read_ = 0;
};

template <guest::Word_policy Words>
int run() {
  return Two_vcpus<Words>{}.run() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace enlighten::on_model

int main(int count, char** arguments) {
  using namespace enlighten::on_model;
  const std::string_view which{count == 2 ? arguments[1] : ""};
  if (which == "as-it-is") {
    return run<enlighten::guest::Shared_words>();
  }
  if (which == "no-acquire") {
    return run<Weaker_words<without_acquire>>();
  }
  if (which == "no-release") {
    return run<Weaker_words<without_release>>();
  }
  std::fputs("usage: on_model_order as-it-is | no-acquire | no-release\n", stderr);
  return 2;
}
