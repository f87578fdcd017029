// SPDX-License-Identifier: MIT
// What a domain consists of, and what its parts ask of it.
#include <model/domain.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <model/xen.hpp>

namespace enlighten::model {
namespace {

Mfn needed(std::optional<Mfn> frame) {
  if (!frame) {
    std::fputs("enlighten: the modelled machine has no page left: raise Xen_options::machine_pages\n", stderr);
    std::abort();
  }
  return *frame;
}

}  // namespace

Domain::Domain(Xen& xen, Domain_id id, const Domain_options& options)
    : xen_{xen},
      id_{id},
      options_{options},
      map_{xen.memory(), id},
      vcpus_(options.vcpus),
      shared_info_{needed(xen.memory().allocate(1))} {
  if (!map_.add_ram(abi::gfn_of(map_.base()), options.ram_pages)) {
    needed(std::nullopt);
  }
  // The wall clock's lock after one change, to nothing: Xen has been told no time.
  shared_info().wc_version = 2;
  vcpus_[options.boot_vcpu.value()].down = false;
  if (options.gic) {
    gic_.emplace(*options.gic, vcpus_);
  }
  events_ = std::make_unique<Event_channels>(*this);
  grants_ = std::make_unique<Grant_table>(*this);
  memory_ = std::make_unique<Memory_operations>(*this);
}

Domain::~Domain() = default;

std::optional<abi::Shutdown_reason> Domain::shut_down() const noexcept {
  const std::int32_t reason = shutdown_.load(std::memory_order_relaxed);
  return reason < 0 ? std::nullopt : std::optional{static_cast<abi::Shutdown_reason>(reason)};
}

void Domain::shut_down(std::uint32_t reason) {
  std::int32_t none = -1;
  shutdown_.compare_exchange_strong(none, static_cast<std::int32_t>(reason & 0xffU));
}

void Domain::destroy() {
  shut_down(static_cast<std::uint32_t>(abi::Shutdown_reason::crash));
  turns().wait([this] { return calls_under_way_.load() == 0; });
  grants_->release_mappings();
}

Release Domain::release() const {
  return xen_.options().release;
}
const Quirks& Domain::quirks() const {
  return xen_.options().quirks;
}
bool Domain::silo() const {
  return xen_.options().silo;
}
Turns& Domain::turns() {
  return xen_.processor();
}

abi::Shared_info& Domain::shared_info() {
  return *reinterpret_cast<abi::Shared_info*>(bytes(shared_info_));
}

abi::Vcpu_info& Domain::vcpu_info(Vcpu_id vcpu) {
  // Acquire: with the place comes what registering it has written there.
  if (abi::Vcpu_info* const registered = vcpus_[vcpu.value()].info.load(std::memory_order_acquire)) {
    return *registered;
  }
  return vcpu.value() < abi::legacy_max_vcpus ? shared_info().vcpu_info[vcpu.value()] : dummy_info_;
}

std::byte* Domain::bytes(Mfn frame) {
  return xen_.memory().bytes(frame);
}

Mfn Domain::allocate_frame() {
  return needed(xen_.memory().allocate(1));
}

std::byte* Domain::ram(abi::Gfn frame) {
  const std::optional<Mfn> found = map_.find(frame);
  return found ? bytes(*found) : nullptr;
}

void Domain::pin(abi::Gfn frame, const char* by) {
  {
    const std::lock_guard guard{pins_mutex_};
    pins_[frame.value()].push_back(by);
  }
  check_kind(frame, by);
}

void Domain::unpin(abi::Gfn frame) {
  const std::lock_guard guard{pins_mutex_};
  const auto pins = pins_.find(frame.value());
  if (pins != pins_.end()) {
    pins->second.pop_back();
    if (pins->second.empty()) {
      pins_.erase(pins);
    }
  }
}

const char* Domain::pinned_by(abi::Gfn frame) {
  const std::lock_guard guard{pins_mutex_};
  const auto pins = pins_.find(frame.value());
  return pins == pins_.end() ? nullptr : pins->second.back();
}

Mfn Domain::maximum_machine_frame() {
  return Mfn{xen_.options().machine_pages - 1};
}

// Guest code runs in this process, and so do its stacks, which lie outside the domain's memory: only what is surely
// no address of anybody's, or a hole of this domain, cannot be reached.
bool Domain::reaches(std::uint64_t guest_address, std::size_t size, Access access) const {
  constexpr std::uint64_t first_page_of_the_process = 0x10000;
  return guest_address >= first_page_of_the_process && guest_address + size >= guest_address &&
         (!map_.covers(abi::gfn_of(guest_address)) || map_.allows(guest_address, size, access));
}

bool Domain::copy_from_guest(void* to, std::uint64_t guest_address, std::size_t size) {
  if (!reaches(guest_address, size, Access::read)) {
    return false;
  }
  std::memcpy(to, reinterpret_cast<const void*>(guest_address), size);
  return true;
}

bool Domain::copy_to_guest(std::uint64_t guest_address, const void* from, std::size_t size) {
  if (!reaches(guest_address, size, Access::read_write)) {
    return false;
  }
  std::memcpy(reinterpret_cast<void*>(guest_address), from, size);
  return true;
}

// [xen] vgic.c, vgic_inject_irq.
void Domain::inject_upcall(Vcpu_id vcpu) {
  Vcpu_state& state = vcpus_[vcpu.value()];
  if (state.down.load(std::memory_order_relaxed)) {
    return;
  }
  if (const std::uint64_t delay = xen_.processor().upcall_delay(); delay != 0) {
    state.upcall_arrives.store(xen_.processor().now() + delay, std::memory_order_relaxed);
  } else {
    // An interrupt orders no memory: a guest that needs order has to bring it.
    state.upcall_pending.store(true, std::memory_order_relaxed);
  }
}

// Those that poll ask again themselves: their wait is over as soon as a port of theirs is pending.
void Domain::wake_pollers(Port /*port*/) {}

void Domain::bring_upcall(Vcpu_id vcpu) {
  Vcpu_state& state = vcpus_[vcpu.value()];
  std::uint64_t due = state.upcall_arrives.load(std::memory_order_relaxed);
  if (due != Vcpu_state::never && due <= xen_.processor().now() &&
      state.upcall_arrives.compare_exchange_strong(due, Vcpu_state::never, std::memory_order_relaxed)) {
    state.upcall_pending.store(true, std::memory_order_relaxed);
  }
}

bool Domain::upcall_flag_keeps_awake(Vcpu_id vcpu) {
  const Vcpu_state& state = vcpus_[vcpu.value()];
  const bool in_flight = state.upcall_pending.load(std::memory_order_relaxed) ||
                         state.upcall_arrives.load(std::memory_order_relaxed) != Vcpu_state::never ||
                         (gic_ && gic_->is_active(vcpu, Gic::upcall));
  return !in_flight && std::atomic_ref{vcpu_info(vcpu).evtchn_upcall_pending}.load(std::memory_order_relaxed) != 0;
}

void Domain::spurious_upcall(Vcpu_id vcpu) {
  mark_events_pending(*this, vcpu);
}

Event_channels* Domain::event_channels(Domain_id domain) {
  Domain* const found = xen_.find(domain);
  return found == nullptr ? nullptr : found->events_.get();
}

Grant_table* Domain::grant_table(Domain_id domain) {
  Domain* const found = xen_.find(domain);
  return found == nullptr ? nullptr : found->grants_.get();
}

void Domain::set_checking(bool on) {
  checking_ = on;
  events_->set_checking(on);
}

void Domain::blame_guest(const std::string& what) {
  if (!checking_) {
    return;
  }
  xen_.processor().report(*this, what);
}

}  // namespace enlighten::model
