// SPDX-License-Identifier: MIT
// Sets the scene, knows what is where, and clears it after each program.
#include "scene.hpp"

#include <algorithm>
#include <cstring>

#include <conformance/grants.hpp>
#include <conformance/ports.hpp>

namespace enlighten::conformance::differential {
namespace {

constexpr std::array<std::uint8_t, 3> nowhere_symbols{places, places + 1, places + 2};
// A frame where nothing is on any machine, no frame at all, and one beyond every machine's addresses.
constexpr std::array<abi::Gfn, nowhere_symbols.size()> nowhere_frames{abi::Gfn{0}, abi::no_frame,
                                                                      abi::Gfn{std::uint64_t{1} << 40U}};

[[nodiscard]] Domain_id ask_own_number() noexcept {
  const Binding binding = alloc_unbound();
  const Domain_id own = status_of(binding.port).u.unbound;
  static_cast<void>(close(binding.port));
  return own;
}

[[nodiscard]] std::int64_t reservation(abi::Memory_op operation, abi::Gfn frame) noexcept {
  abi::Gfn list = frame;
  return memory_op(operation, abi::Xen_memory_reservation{.extent_start = abi::Guest_handle<abi::Gfn>{&list},
                                                          .nr_extents = 1,
                                                          .domid = abi::domain_self});
}

[[nodiscard]] std::int64_t pages() noexcept {
  return memory_op(abi::Memory_op::current_reservation, abi::Xen_memory_domain{abi::domain_self});
}

}  // namespace

Scene::Scene(const Setting& setting) noexcept
    : setting_{setting},
      own_{ask_own_number()},
      pages_at_start_{pages()},
      ports_{[]<std::size_t... slot>(std::index_sequence<slot...>) {
        return std::array<Port, port_slots>{Port{first_free_port + slot}...};
      }(std::make_index_sequence<port_slots>{})} {
  for (std::uint8_t place = 0; place != places; ++place) {
    if (place < holes || place == home_of_grants) {
      places_[place].frame = machine().hole();
    } else if (place < holes + ram_pages) {
      places_[place] = {frame_of(machine().page()), Content::ram, 0};
    } else {
      places_[place] = {frame_of(&machine().shared_info()), Content::shared_info, 0};
    }
  }
  const abi::Gfn home = places_[home_of_grants].frame;
  static_cast<void>(add_to_physmap(abi::Map_space::grant_table, 3, home));
  static_cast<void>(remove_from_physmap(home));
  static_cast<void>(add_to_physmap(abi::Map_space::grant_table, 0, home));
  places_[home_of_grants].content = Content::grant_frame;
  for (std::byte*& page : control_pages_) {
    page = static_cast<std::byte*>(machine().page());
  }
  for (abi::Event_word*& page : array_pages_) {
    page = static_cast<abi::Event_word*>(machine().page());
  }
  scratch_ = machine().page();
  auto* const infos = static_cast<std::byte*>(machine().page());
  for (std::uint32_t vcpu = working_vcpus; vcpu != all_vcpus; ++vcpu) {
    const std::uint32_t offset = vcpu * std::uint32_t{sizeof(abi::Vcpu_info)};
    abi::Vcpu_register_vcpu_info where{.mfn = frame_of(infos), .offset = offset};
    static_cast<void>(vcpu_op(abi::Vcpu_op::register_vcpu_info, Vcpu_id{vcpu}, address_of(where)));
    setting_.vcpu_infos[vcpu] = reinterpret_cast<abi::Vcpu_info*>(infos + offset);
  }
}

Port Scene::port(std::uint8_t symbol) const noexcept {
  return symbol < port_slots ? ports_[symbol] : Port{other_ports[symbol - port_slots]};
}

Vcpu_id Scene::vcpu(std::uint8_t symbol) noexcept {
  return symbol < all_vcpus ? Vcpu_id{symbol} : no_vcpu;
}

Domain_id Scene::domain(std::uint8_t symbol) const noexcept {
  return symbol < other_domains.size() ? other_domains[symbol] : own_;
}

abi::Gfn Scene::frame(std::uint8_t symbol) const noexcept {
  return symbol < places ? places_[symbol].frame : nowhere_frames[symbol - places];
}

abi::Gfn Scene::control_frame(std::uint8_t symbol) const noexcept {
  return symbol < control_pages ? frame_of(control_pages_[symbol]) : nowhere_frames[symbol - control_pages];
}

abi::Gfn Scene::array_frame(std::uint8_t symbol) const noexcept {
  return symbol < array_pages ? frame_of(array_pages_[symbol]) : nowhere_frames[symbol - array_pages];
}

Grant_ref Scene::reference(std::uint8_t symbol) noexcept {
  // Behind those of the program comes one that grants nothing, and one that no table has.
  return symbol <= references ? Grant_ref{abi::grant_reserved_entries + symbol} : no_grant;
}

std::int64_t Scene::place_of(abi::Gfn frame) const noexcept {
  for (std::uint8_t place = 0; place != places; ++place) {
    if (places_[place].frame == frame) {
      return place;
    }
  }
  return frame == abi::no_frame ? -1 : -2;
}

abi::Shared_info* Scene::shared_info() noexcept {
  for (const Place& place : places_) {
    if (place.content == Content::shared_info) {
      return static_cast<abi::Shared_info*>(at(place.frame));
    }
  }
  return nullptr;
}

abi::Grant_entry_v1* Scene::grant_entries() noexcept {
  for (const Place& place : places_) {
    if (place.content == Content::grant_frame && place.index == 0) {
      return static_cast<abi::Grant_entry_v1*>(at(place.frame));
    }
  }
  return nullptr;
}

abi::Grant_entry_v1* Scene::grant_entry(std::uint8_t reference) noexcept {
  abi::Grant_entry_v1* const entries = grant_entries();
  return entries == nullptr || reference > references ? nullptr : &entries[Scene::reference(reference).value()];
}

bool Scene::leads_to_grants(std::uint8_t reference) noexcept {
  const std::optional<std::uint8_t> place = granted_[reference];
  return place && *place < places && places_[*place].content == Content::grant_frame;
}

void Scene::note_control_block(Vcpu_id vcpu, abi::Evtchn_fifo_control_block& block) noexcept {
  fifo_ = true;
  queues_[vcpu.value()] = {.block = &block};
}

void Scene::note_array_page(std::uint8_t page) noexcept {
  if (array_length_ != array_.size()) {
    array_[array_length_++] = page;
  }
}

void Scene::note_reset() noexcept {
  fifo_ = false;
  queues_ = {};
  selected_ = {};
  array_length_ = 0;
}

abi::Event_word* Scene::word(Port port) noexcept {
  const std::uint32_t page = port.value() / abi::fifo_words_per_page;
  return page < array_length_ ? &array_pages_[array_[page]][port.value() % abi::fifo_words_per_page] : nullptr;
}

abi::Evtchn_fifo_control_block& Scene::control_block(std::uint8_t page, std::uint32_t offset) noexcept {
  return *reinterpret_cast<abi::Evtchn_fifo_control_block*>(control_pages_[page] + offset);
}

bool Scene::put_back(std::uint8_t place, abi::Map_space space) noexcept {
  const Content wanted = space == abi::Map_space::shared_info ? Content::shared_info : Content::grant_frame;
  Place& home = places_[place];
  if (home.content == wanted && home.index == 0) {
    return true;
  }
  home.content = wanted;
  home.index = 0;
  return add_to_physmap(space, 0, home.frame) == 0;
}

// A page is given back and taken anew: whether Xen then has one page less, and one more, tells whether anything of
// a program still refers to it.
bool Scene::renew(Place& place) noexcept {
  bool done = true;
  if (place.content == Content::ram) {
    done = reservation(abi::Memory_op::decrease_reservation, place.frame) == 1;
  }
  place.content = Content::nothing;
  done = done && pages() < pages_at_start_ && reservation(abi::Memory_op::populate_physmap, place.frame) == 1;
  if (done) {
    place.content = Content::ram;
    std::memset(at(place.frame), 0, abi::page_size);
  }
  return done;
}

bool Scene::undo_memory() noexcept {
  bool done = true;
  for (Mapped& mapped : mapped_) {
    if (mapped.place) {
      Place& place = places_[*mapped.place];
      done &= unmap_grant(abi::address_of(place.frame), mapped.handle) == 0;
      place.content = Content::nothing;
    }
    mapped = {};
  }
  for (std::uint8_t index = 0; index != places; ++index) {
    Place& place = places_[index];
    const bool ours = (index == home_of_shared_info && place.content == Content::shared_info) ||
                      (index == home_of_grants && place.content == Content::grant_frame && place.index == 0);
    const bool ram = index >= holes && index < holes + ram_pages;
    if (place.is_xens() && !ours) {
      done &= remove_from_physmap(place.frame) == 0;
      place.content = Content::nothing;
    } else if (place.content == Content::ram && !ram) {
      done &= reservation(abi::Memory_op::decrease_reservation, place.frame) == 1;
      place.content = Content::nothing;
    }
  }
  for (std::uint8_t index = holes; index != holes + ram_pages; ++index) {
    done &= renew(places_[index]);
  }
  done &= put_back(home_of_shared_info, abi::Map_space::shared_info);
  done &= put_back(home_of_grants, abi::Map_space::grant_table);
  return done;
}

void Scene::clear_words() noexcept {
  for (std::uint64_t& word : machine().shared_info().evtchn_pending) {
    put(word, 0);
  }
  for (std::uint64_t& word : machine().shared_info().evtchn_mask) {
    put(word, 0);
  }
  for (abi::Vcpu_info* const info : setting_.vcpu_infos) {
    put(info->evtchn_pending_sel, 0);
    put(info->evtchn_upcall_pending, 0);
  }
  for (std::byte* const page : control_pages_) {
    std::memset(page, 0, abi::page_size);
  }
  for (abi::Event_word* const page : array_pages_) {
    std::memset(page, 0, abi::page_size);
  }
}

bool Scene::start_afresh() noexcept {
  bool done = reset() == 0;
  note_reset();
  done &= undo_memory();
  clear_words();
  abi::Grant_entry_v1* const entries = grant_entries();
  for (std::uint32_t entry = 0; entry != 2 * abi::grant_reserved_entries; ++entry) {
    entries[entry] = {};
  }
  for (std::uint32_t slot = 0; slot != port_slots; ++slot) {
    ports_[slot] = Port{first_free_port + slot};
  }
  granted_ = {};
  for (std::uint32_t dog = 1; dog <= 2; ++dog) {
    static_cast<void>(sched_op(abi::Sched_op::watchdog, abi::Sched_watchdog{.id = dog, .timeout = 0}));
  }
  static_cast<void>(arch::hypercall(abi::Hypercall::vm_assist,
                                    static_cast<std::uint64_t>(abi::Vm_assist_command::disable),
                                    static_cast<std::uint64_t>(abi::Vm_assist::runstate_update_flag)));
  return done;
}

}  // namespace enlighten::conformance::differential
