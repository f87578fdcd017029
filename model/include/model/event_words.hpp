// SPDX-License-Identifier: MIT
// The event array of the FIFO ABI as Xen sees it: pages of words in the guest's memory, and what the guest did to
// them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include <abi/event_fifo.hpp>
#include <model/domain_view.hpp>
#include <model/shared_word.hpp>

namespace enlighten::model {

// All but peek() under the domain's event lock. Between two accesses only the guest changes a word, so each access
// sees what the guest did since the one before, and whether it was allowed to.
class Event_words {
 public:
  explicit Event_words(Domain_view& domain) : domain_{domain} {}

  [[nodiscard]] std::uint32_t ports() const;
  [[nodiscard]] bool has(Port port) const { return port.value() < ports(); }
  [[nodiscard]] bool full() const { return ports() == abi::fifo_ports; }
  // False if there is no RAM at `frame`.
  [[nodiscard]] bool add_page(abi::Gfn frame);
  void remove_all();

  // Each returns what was there before.
  abi::Event_word load(Port port);
  abi::Event_word set(Port port, abi::Event_word bits);
  abi::Event_word clear(Port port, abi::Event_word bits);
  [[nodiscard]] bool compare_exchange(Port port, abi::Event_word& expected, abi::Event_word desired);

  // Without the lock, and without a judgement.
  [[nodiscard]] abi::Event_word peek(Port port);

  void set_checking(bool on) { checking_ = on; }

 private:
  abi::Event_word& at(Port port);
  Shared_word<abi::Event_word> shared(Port port) { return {domain_, at(port)}; }
  // The guest left `found`; Xen makes it `now`.
  void judge(Port port, abi::Event_word found, abi::Event_word now);
  void blame(Port port, abi::Event_word found, const std::string& what);

  Domain_view& domain_;
  std::array<std::atomic<abi::Event_word*>, abi::fifo_max_pages> pages_{};
  std::array<std::optional<abi::Gfn>, abi::fifo_max_pages> frames_{};
  std::atomic<std::uint32_t> page_count_{0};
  // Words that were LINKED or BUSY when Xen was last there, as it left them.
  std::unordered_map<std::uint32_t, abi::Event_word> left_;
  bool checking_ = true;
};

}  // namespace enlighten::model
