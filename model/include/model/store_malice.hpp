// SPDX-License-Identifier: MIT
// An xenstored that means its clients ill: what it sends and where it puts it, spoilt now and then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include <abi/xenstore.hpp>

namespace enlighten::model {

// The same for a seed, as long as it is asked the same.
class Store_malice {
 public:
  explicit Store_malice(std::uint64_t seed) : random_{seed} {}

  // One message in eight, header and payload, becomes another one, or several, or none.
  void spoil(std::string& message);

  // Of the ring's words, one of those that are xenstored's to write, or both sides'.
  struct Ring_word {
    std::size_t offset;
    std::uint32_t value;
  };
  // Once in a hundred times.
  [[nodiscard]] std::optional<Ring_word> spoil_ring();

 private:
  [[nodiscard]] std::uint32_t any() { return static_cast<std::uint32_t>(random_()); }
  [[nodiscard]] bool one_in(std::uint32_t many) { return any() % many == 0; }
  void add_garbage(std::string& message);

  std::mt19937_64 random_;
};

}  // namespace enlighten::model
