// SPDX-License-Identifier: MIT
// Pages of a memory file, mapped for Xen as a whole and for each guest one by one.
#include <model/machine_memory.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "access_fault.hpp"

namespace enlighten::model {
namespace {

constexpr std::uint64_t first_base = std::uint64_t{0x4000'0000};

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "enlighten: the model's memory: %s: %s\n", what, std::strerror(errno));
  std::abort();
}

void* pointer(std::uint64_t address) {
  return reinterpret_cast<void*>(address);
}

void* map_zeroes(std::uint64_t size) {
  void* const table =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (table == MAP_FAILED) {
    give_up("no table of frames");
  }
  return table;
}

// Of a machine frame, instead of a number of the guest's.
constexpr std::uint32_t not_changed = 0;
constexpr std::uint32_t nowhere = ~0U;

// A hole reserves its addresses, so that nothing else of the process can ever lie there.
void map_hole(std::uint64_t address, std::uint64_t size) {
  if (mmap(pointer(address), size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
      MAP_FAILED) {
    give_up("making a hole");
  }
}

}  // namespace

Machine_memory::Machine_memory(std::uint64_t frames)
    : frames_{frames}, file_{memfd_create("enlighten", MFD_CLOEXEC)} {
  const std::uint64_t bytes = frames * abi::page_size;
  if (file_ < 0 || ftruncate(file_, static_cast<off_t>(bytes)) != 0) {
    give_up("no memory file");
  }
  void* const view = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (view == MAP_FAILED) {
    give_up("no view of the whole");
  }
  base_ = static_cast<std::byte*>(view);
}

Machine_memory::~Machine_memory() {
  munmap(base_, frames_ * abi::page_size);
  close(file_);
}

std::optional<Mfn> Machine_memory::allocate(std::uint64_t count) {
  std::uint64_t first = next_.load(std::memory_order_relaxed);
  do {
    if (count > frames_ - first) {
      return std::nullopt;
    }
  } while (!next_.compare_exchange_weak(first, first + count, std::memory_order_relaxed));
  return Mfn{first};
}

std::byte* Machine_memory::bytes(Mfn frame) const {
  return base_ + frame.value() * abi::page_size;
}

std::optional<Mfn> Machine_memory::frame_at(const void* mine) const {
  const auto offset = reinterpret_cast<std::uintptr_t>(mine) - reinterpret_cast<std::uintptr_t>(base_);
  return offset < frames_ * abi::page_size ? std::optional{Mfn{offset / abi::page_size}} : std::nullopt;
}

std::uint64_t Physical_map::base_of(Domain_id id) noexcept {
  return first_base + (id.value() - std::uint64_t{1}) * size;
}

Physical_map::Physical_map(Machine_memory& memory, Domain_id id) : memory_{memory}, id_{id}, base_{base_of(id)} {
  if (id.value() == 0 || id.value() > most_domains) {
    std::fprintf(stderr, "enlighten: the model has domains 1 to %u, not %u\n", most_domains, id.value());
    std::abort();
  }
  if (mmap(pointer(base_), size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1,
           0) != pointer(base_)) {
    give_up("the addresses of a domain are in use; is there another model in this process?");
  }
  // Zero bytes are entries without a change, and atomic zeroes.
  changes_ = static_cast<Entry*>(map_zeroes(most_frames * sizeof(Entry)));
  writable_changes_ = static_cast<Frame_number*>(map_zeroes(memory.frames() * sizeof(Frame_number)));
  explain_faults_in(*this);
}

Physical_map::~Physical_map() {
  explain_faults_no_more(*this);
  munmap(pointer(base_), size);
  munmap(changes_, most_frames * sizeof(Entry));
  munmap(writable_changes_, memory_.frames() * sizeof(Frame_number));
}

bool Physical_map::covers(abi::Gfn frame) const noexcept {
  return frame >= abi::gfn_of(base_) && frame < abi::gfn_of(base_ + size);
}

bool Physical_map::add_ram(abi::Gfn first, std::uint64_t count) {
  const std::optional<Mfn> frames = memory_.allocate(count);
  if (!frames) {
    return false;
  }
  const std::lock_guard guard{mutex_};
  if (mmap(pointer(abi::address_of(first)), count * abi::page_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
           memory_.file(), static_cast<off_t>(frames->value() * abi::page_size)) == MAP_FAILED) {
    give_up("mapping RAM");
  }
  ram_ = first;
  ram_frames_ = *frames;
  ram_count_ = count;
  highest_ = abi::Gfn{first.value() + count - 1};
  return true;
}

void Physical_map::place(abi::Gfn frame, Mfn what, Access access) {
  const std::lock_guard guard{mutex_};
  const int protection = access == Access::read ? PROT_READ : PROT_READ | PROT_WRITE;
  if (mmap(pointer(abi::address_of(frame)), abi::page_size, protection, MAP_SHARED | MAP_FIXED, memory_.file(),
           static_cast<off_t>(what.value() * abi::page_size)) == MAP_FAILED) {
    give_up("mapping a frame");
  }
  stands_no_more(frame);
  stands(frame, what, access);
}

bool Physical_map::is_ram(abi::Gfn frame) const noexcept {
  return frame.value() - ram_.value() < ram_count_;
}

Physical_map::Entry& Physical_map::change(abi::Gfn frame) const {
  return changes_[frame.value() - abi::gfn_of(base_).value()];
}

Physical_map::Entry Physical_map::entry(abi::Gfn frame) const {
  const Entry& since = change(frame);
  if (since.changed || !is_ram(frame)) {
    return since;
  }
  const std::uint64_t what = ram_frames_.value() + (frame.value() - ram_.value());
  return {static_cast<std::uint32_t>(what + 1), Access::read_write, false};
}

std::uint32_t Physical_map::writable_at(Mfn frame) const {
  const std::uint32_t change = writable_changes_[frame.value()].load(std::memory_order_relaxed);
  if (change != not_changed) {
    return change == nowhere ? 0 : change;
  }
  const std::uint64_t index = frame.value() - ram_frames_.value();
  return index < ram_count_ ? static_cast<std::uint32_t>(ram_.value() + index) : 0;
}

void Physical_map::stands(abi::Gfn frame, Mfn what, Access access) {
  change(frame) = {static_cast<std::uint32_t>(what.value() + 1), access, true};
  highest_ = std::max(highest_, frame);
  // A page that stands in two places is known by the first.
  if (access == Access::read_write && writable_at(what) == 0) {
    writable_changes_[what.value()].store(static_cast<std::uint32_t>(frame.value()), std::memory_order_relaxed);
  }
}

void Physical_map::stands_no_more(abi::Gfn frame) {
  const Entry there = entry(frame);
  if (const std::optional<Mfn> what = there.frame()) {
    if (writable_at(*what) == frame.value()) {
      writable_changes_[what->value()].store(nowhere, std::memory_order_relaxed);
    }
    change(frame) = {0, there.access, true};
  }
}

void* Physical_map::guest_view(void* mine) const {
  const std::optional<Mfn> frame = memory_.frame_at(mine);
  const std::uint32_t at = frame ? writable_at(*frame) : 0;
  return at == 0 ? mine
                 : pointer(abi::address_of(abi::Gfn{at}) + reinterpret_cast<std::uintptr_t>(mine) % abi::page_size);
}

void Physical_map::remove(abi::Gfn frame) {
  const std::lock_guard guard{mutex_};
  stands_no_more(frame);
  map_hole(abi::address_of(frame), abi::page_size);
}

std::optional<Mfn> Physical_map::find(abi::Gfn frame) const {
  const std::lock_guard guard{mutex_};
  return covers(frame) ? entry(frame).frame() : std::nullopt;
}

abi::Gfn Physical_map::highest() const {
  const std::lock_guard guard{mutex_};
  return highest_;
}

bool Physical_map::allows(std::uint64_t address, std::size_t length, Access access) const {
  const std::lock_guard guard{mutex_};
  const std::uint64_t last = address + (length == 0 ? 0 : length - 1);
  for (std::uint64_t frame = abi::gfn_of(address).value(); frame <= abi::gfn_of(last).value(); ++frame) {
    if (!covers(abi::Gfn{frame})) {
      return false;
    }
    const Entry there = entry(abi::Gfn{frame});
    if (!there.frame() || (access == Access::read_write && there.access == Access::read)) {
      return false;
    }
  }
  return last >= address;
}

std::string Physical_map::explain(std::uint64_t address) const {
  if (!covers(abi::gfn_of(address))) {
    return {};
  }
  const std::unique_lock guard{mutex_, std::try_to_lock};
  char words[160];
  const Entry there = guard ? entry(abi::gfn_of(address)) : Entry{};
  const bool never = !there.changed && !there.frame();
  const char* const why = never                          ? "a hole: nothing was ever there"
                          : !there.frame()               ? "a hole: what was there has been taken away"
                          : there.access == Access::read ? "mapped read-only"
                                                         : "there, and of the right permission";
  std::snprintf(words, sizeof words, "domain %u touched 0x%llx: frame 0x%llx is %s", id_.value(),
                static_cast<unsigned long long>(address),
                static_cast<unsigned long long>(abi::gfn_of(address).value()), why);
  return words;
}

}  // namespace enlighten::model
