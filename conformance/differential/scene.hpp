// SPDX-License-Identifier: MIT
// What the symbols of a program stand for in this domain, and what is known to be where: by what calls answered.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include <abi/event_fifo.hpp>
#include <abi/grant_table.hpp>
#include <conformance/calls.hpp>
#include <conformance/differential/session.hpp>
#include <conformance/words.hpp>

#include "operands.hpp"

namespace enlighten::conformance::differential {

enum class Content : std::uint8_t { nothing, ram, shared_info, grant_frame, mapping, mapping_for_reading };

struct Place {
  abi::Gfn frame{0};
  Content content = Content::nothing;
  std::uint64_t index = 0;  // of the frame of the grant table

  [[nodiscard]] bool is_xens() const noexcept {
    return content == Content::shared_info || content == Content::grant_frame;
  }
  // By the guest; what is not can be a hole, in which a load is the end.
  [[nodiscard]] bool can_be_loaded() const noexcept { return content != Content::nothing; }
  [[nodiscard]] bool can_be_stored_to() const noexcept {
    return content == Content::ram || content == Content::mapping;
  }
};

// No mapping has it.
inline constexpr abi::Grant_handle no_handle{12'345};

struct Mapped {
  abi::Grant_handle handle = no_handle;
  std::optional<std::uint8_t> place;  // while it is mapped there
};

// Of a vCPU at FIFO: its control block, and what a guest keeps for itself while it consumes.
struct Queues {
  abi::Evtchn_fifo_control_block* block = nullptr;
  std::uint32_t ready = 0;
  std::uint32_t heads[abi::fifo_queues] = {};
};

class Scene {
 public:
  // By vCPU 0, once. Everything that no program could undo is done here: vcpu_info of vCPUs that are off, and a
  // grant table of four frames.
  explicit Scene(const Setting& setting) noexcept;
  // As after construction, whatever a program has done. False if that cannot be.
  [[nodiscard]] bool start_afresh() noexcept;

  [[nodiscard]] Machine& machine() noexcept { return setting_.machine; }
  [[nodiscard]] abi::Vcpu_info& vcpu_info(std::uint32_t vcpu) noexcept { return *setting_.vcpu_infos[vcpu]; }
  [[nodiscard]] Domain_id own() const noexcept { return own_; }
  [[nodiscard]] std::int64_t pages_at_start() const noexcept { return pages_at_start_; }

  // Symbols.
  [[nodiscard]] Port port(std::uint8_t symbol) const noexcept;
  [[nodiscard]] static Vcpu_id vcpu(std::uint8_t symbol) noexcept;
  [[nodiscard]] Domain_id domain(std::uint8_t symbol) const noexcept;
  // Null if the symbol is of a frame where nothing ever is.
  [[nodiscard]] Place* place(std::uint8_t symbol) noexcept { return symbol < places ? &places_[symbol] : nullptr; }
  [[nodiscard]] abi::Gfn frame(std::uint8_t symbol) const noexcept;
  [[nodiscard]] abi::Gfn control_frame(std::uint8_t symbol) const noexcept;
  [[nodiscard]] abi::Gfn array_frame(std::uint8_t symbol) const noexcept;
  [[nodiscard]] static Grant_ref reference(std::uint8_t symbol) noexcept;
  // Which place a frame is, as its number; -1 for no_frame, -2 for one that is none.
  [[nodiscard]] std::int64_t place_of(abi::Gfn frame) const noexcept;

  void keep(std::uint8_t slot, Port port) noexcept { ports_[slot] = port; }
  void keep(std::uint8_t slot, const Mapped& mapped) noexcept { mapped_[slot] = mapped; }
  [[nodiscard]] Mapped& mapped(std::uint8_t slot) noexcept { return mapped_[slot]; }

  // Xen's structures where the guest can reach them now; null where it cannot.
  [[nodiscard]] abi::Shared_info* shared_info() noexcept;
  [[nodiscard]] abi::Grant_entry_v1* grant_entries() noexcept;
  [[nodiscard]] abi::Grant_entry_v1* grant_entry(std::uint8_t reference) noexcept;
  // Whether a reference leads, or led, to a frame of the grant table, whose contents are frame numbers and not the
  // same in two domains.
  [[nodiscard]] bool leads_to_grants(std::uint8_t reference) noexcept;
  void note_granted(std::uint8_t reference, std::uint8_t place) noexcept { granted_[reference] = place; }
  void swap_granted(std::uint8_t one, std::uint8_t other) noexcept { std::swap(granted_[one], granted_[other]); }

  [[nodiscard]] bool fifo() const noexcept { return fifo_; }
  [[nodiscard]] Queues& queues(std::uint32_t vcpu) noexcept { return queues_[vcpu]; }
  [[nodiscard]] std::uint64_t& selected(std::uint32_t vcpu) noexcept { return selected_[vcpu]; }
  void note_control_block(Vcpu_id vcpu, abi::Evtchn_fifo_control_block& block) noexcept;
  void note_array_page(std::uint8_t page) noexcept;
  void note_reset() noexcept;
  // Null if Xen has no word for that port.
  [[nodiscard]] abi::Event_word* word(Port port) noexcept;

  [[nodiscard]] abi::Evtchn_fifo_control_block& control_block(std::uint8_t page, std::uint32_t offset) noexcept;
  [[nodiscard]] abi::Event_word* array_page(std::uint8_t page) noexcept { return array_pages_[page]; }
  // For answers nobody compares, and for what Xen writes at times of its own.
  [[nodiscard]] void* scratch() noexcept { return scratch_; }

 private:
  [[nodiscard]] bool put_back(std::uint8_t place, abi::Map_space space) noexcept;
  [[nodiscard]] bool renew(Place& place) noexcept;
  [[nodiscard]] bool undo_memory() noexcept;
  void clear_words() noexcept;

  Setting setting_;
  Domain_id own_{0};
  std::int64_t pages_at_start_ = 0;
  std::array<Place, places> places_{};
  std::array<Port, port_slots> ports_;
  std::array<Mapped, handles> mapped_{};
  std::array<std::optional<std::uint8_t>, references + 2> granted_{};
  std::array<std::byte*, control_pages> control_pages_{};
  std::array<abi::Event_word*, array_pages> array_pages_{};
  void* scratch_ = nullptr;
  bool fifo_ = false;
  std::array<Queues, all_vcpus> queues_{};
  std::array<std::uint64_t, working_vcpus> selected_{};
  std::array<std::uint8_t, 4> array_{};  // which page is the words of each 1024 ports
  std::uint32_t array_length_ = 0;
};

}  // namespace enlighten::conformance::differential
