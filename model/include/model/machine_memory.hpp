// SPDX-License-Identifier: MIT
// The memory of the modelled machine, and where in it each domain finds what: stage 2 of the translation.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include <abi/frame.hpp>
#include <base/ids.hpp>
#include <model/domain_view.hpp>

namespace enlighten::model {

// All pages of the machine. Handed out zeroed and never given back: a model lives for one run.
class Machine_memory {
 public:
  explicit Machine_memory(std::uint64_t frames);
  Machine_memory(const Machine_memory&) = delete;
  Machine_memory& operator=(const Machine_memory&) = delete;
  ~Machine_memory();

  // The first of `count` frames in a row; nothing when the machine is full.
  [[nodiscard]] std::optional<Mfn> allocate(std::uint64_t count);
  // Xen's own view.
  [[nodiscard]] std::byte* bytes(Mfn frame) const;
  // The frame that Xen has at `mine`; nothing if that is none of the machine's.
  [[nodiscard]] std::optional<Mfn> frame_at(const void* mine) const;
  [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }
  // For a mapping of a frame at some other address.
  [[nodiscard]] int file() const noexcept { return file_; }

 private:
  std::uint64_t frames_;
  std::atomic<std::uint64_t> next_{0};
  int file_;
  std::byte* base_;
};

// The guest-physical space of one domain. A guest-physical address is the address at which the guest's code, which
// is part of this process, finds it: the host's own MMU is stage 2. What is not there cannot be accessed; who tries
// is told which frame that was and why it is a hole, and the process ends.
class Physical_map {
 public:
  // Where the space of domain `id` begins: low, for a grant entry has 32 bits for a frame.
  [[nodiscard]] static std::uint64_t base_of(Domain_id id) noexcept;
  static constexpr std::uint64_t size = std::uint64_t{256} << 20;
  static constexpr std::uint64_t most_frames = size / abi::page_size;
  // A fourth would reach into where AddressSanitizer keeps its shadow.
  static constexpr std::uint16_t most_domains = 3;

  Physical_map(Machine_memory& memory, Domain_id id);
  Physical_map(const Physical_map&) = delete;
  Physical_map& operator=(const Physical_map&) = delete;
  ~Physical_map();

  [[nodiscard]] std::uint64_t base() const noexcept { return base_; }
  [[nodiscard]] bool covers(abi::Gfn frame) const noexcept;

  // The domain's RAM, from `first` on: once, before anything else. False when the machine has no more.
  [[nodiscard]] bool add_ram(abi::Gfn first, std::uint64_t count);
  void place(abi::Gfn frame, Mfn what, Access access);
  void remove(abi::Gfn frame);
  [[nodiscard]] std::optional<Mfn> find(abi::Gfn frame) const;
  // The highest frame at which there ever was anything.
  [[nodiscard]] abi::Gfn highest() const;

  // Whether the guest may read, or write, all of that.
  [[nodiscard]] bool allows(std::uint64_t address, std::size_t length, Access access) const;

  // The address at which the guest may write what Xen has at `mine`; `mine` if there is none.
  [[nodiscard]] void* guest_view(void* mine) const;

  // What a fault at `address` is, in a sentence; empty if it is none of this domain's.
  [[nodiscard]] std::string explain(std::uint64_t address) const;

 private:
  // All zero: nothing has happened to it since the domain was made.
  struct Entry {
    std::uint32_t frame_and_one;  // 0: nothing
    Access access;
    bool changed;

    [[nodiscard]] std::optional<Mfn> frame() const noexcept {
      return frame_and_one == 0 ? std::nullopt : std::optional{Mfn{frame_and_one - std::uint64_t{1}}};
    }
  };

  using Frame_number = std::atomic<std::uint32_t>;

  [[nodiscard]] bool is_ram(abi::Gfn frame) const noexcept;
  [[nodiscard]] Entry& change(abi::Gfn frame) const;
  [[nodiscard]] Entry entry(abi::Gfn frame) const;
  // At which of its frames the guest may write it; 0: at none.
  [[nodiscard]] std::uint32_t writable_at(Mfn frame) const;
  void stands(abi::Gfn frame, Mfn what, Access access);
  void stands_no_more(abi::Gfn frame);

  Machine_memory& memory_;
  Domain_id id_;
  std::uint64_t base_;
  abi::Gfn ram_{0};
  Mfn ram_frames_{0};
  std::uint64_t ram_count_ = 0;
  // By frame of the space, where it is no longer what it was as the domain was made. Of this table and the next one
  // pages that nobody touched cost nothing, and a domain that has just begun has touched hardly any.
  Entry* changes_;
  abi::Gfn highest_{0};
  // By machine frame, at which of its frames the guest may write it, where that has changed. Asked at every access
  // of Xen's, so without the mutex, which would order all vCPUs' accesses by accident.
  Frame_number* writable_changes_;
  mutable std::recursive_mutex mutex_;
};

}  // namespace enlighten::model
