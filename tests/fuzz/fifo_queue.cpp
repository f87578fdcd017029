// SPDX-License-Identifier: MIT
// Event words and a control block that somebody hostile fills, and changes at any access: every drain ends, and
// delivers only ports that have a word.
#include <memory>
#include <vector>

#include <guest/fifo_array.hpp>
#include <guest/fifo_queue.hpp>

#include "input.hpp"

namespace enlighten::fuzz {
namespace {

// What the hostile side may write, each page in a block of memory of its own: the sanitizer sees an access beyond.
struct World {
  explicit World(Input& bytes) : input{&bytes}, pages(1 + bytes.take<std::uint8_t>() % 2) {
    for (auto& page : pages) {
      page = std::make_unique<abi::Event_word[]>(abi::fifo_words_per_page);
    }
  }

  // A word of the array, or a word of the control block.
  void write_one() {
    const auto where = input->take<std::uint16_t>();
    const auto what = input->take<std::uint32_t>();
    constexpr std::uint16_t to_the_block = 0x8000;
    if ((where & to_the_block) != 0) {
      const std::uint32_t index = where % (abi::fifo_queues + 1);
      (index == abi::fifo_queues ? block->ready : block->head[index]) = what;
    } else {
      pages[where / abi::fifo_words_per_page % pages.size()][where % abi::fifo_words_per_page] = what;
    }
  }
  void step() {
    constexpr std::uint8_t seldom = 0xe0;
    if (hostile && input->take<std::uint8_t>() >= seldom) {
      write_one();
    }
  }

  Input* input;
  bool hostile = false;
  std::vector<std::unique_ptr<abi::Event_word[]>> pages;
  std::unique_ptr<abi::Evtchn_fifo_control_block> block = std::make_unique<abi::Evtchn_fifo_control_block>();
};

// The other side may come in before any access.
struct Hostile_words {
  template <std::unsigned_integral T>
  [[nodiscard]] T load(T& word, std::memory_order order) const {
    return now().load(word, order);
  }
  template <std::unsigned_integral T>
  void store(T& word, std::type_identity_t<T> value, std::memory_order order) const {
    now().store(word, value, order);
  }
  template <std::unsigned_integral T>
  T exchange(T& word, std::type_identity_t<T> value, std::memory_order order) const {
    return now().exchange(word, value, order);
  }
  template <std::unsigned_integral T>
  T fetch_or(T& word, std::type_identity_t<T> bits, std::memory_order order) const {
    return now().fetch_or(word, bits, order);
  }
  template <std::unsigned_integral T>
  T fetch_and(T& word, std::type_identity_t<T> bits, std::memory_order order) const {
    return now().fetch_and(word, bits, order);
  }
  template <std::unsigned_integral T>
  [[nodiscard]] bool compare_exchange(T& word, T& expected, std::type_identity_t<T> desired,
                                      std::memory_order order) const {
    return now().compare_exchange(word, expected, desired, order);
  }

  World* world;

 private:
  [[nodiscard]] guest::Shared_words now() const {
    world->step();
    return {};
  }
};
}  // namespace
}  // namespace enlighten::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace enlighten;
  fuzz::Input input{data, size};
  fuzz::World world{input};
  std::vector<abi::Event_word*> directory(world.pages.size());
  guest::Fifo_array<fuzz::Hostile_words> array{directory, {&world}};
  for (const auto& page : world.pages) {
    fuzz::require(array.append(guest::Fifo_array<fuzz::Hostile_words>::Page{page.get(), abi::fifo_words_per_page}));
  }
  abi::Vcpu_info info;
  guest::Fifo_consumer<fuzz::Hostile_words> consumer{info, *world.block, {&world}};
  const auto deliver = [&](Port port) {
    fuzz::require(port.value() < directory.size() * abi::fifo_words_per_page);
    if (world.hostile && port.value() % 2 == 0) {
      array.mask(port);
      static_cast<void>(array.unmask(port));
    }
  };
  const auto is_in = [](Port port, std::uint32_t queue) { return port.value() % 4 == queue % 4; };

  // A few words, a drain in which more come, and again.
  while (!input.empty()) {
    for (unsigned count = input.take<std::uint8_t>() % 64; count != 0; --count) {
      world.write_one();
    }
    world.hostile = (input.take<std::uint8_t>() & 1U) != 0;
    static_cast<void>(consumer.drain(array, deliver));
    if (consumer.broken_queues() != 0 && input.take<std::uint8_t>() % 2 == 0) {
      consumer.recover(array, is_in, deliver);
      fuzz::require(consumer.broken_queues() == 0);
    }
    world.hostile = false;
  }

  // Left alone, each queue can be found broken once, and then there is nothing more.
  for (std::uint32_t errors = 0;; ++errors) {
    fuzz::require(errors <= abi::fifo_queues);
    const Result<guest::Drained> drained = consumer.drain(array, deliver);
    if (drained) {
      fuzz::require(!drained->more && world.block->ready == 0);
      return 0;
    }
  }
}
