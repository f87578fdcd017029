// SPDX-License-Identifier: MIT
// The guest's memory: which range is the heap's, the final page tables, and where pages come from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <arch/image_table.hpp>
#include <arch/start.hpp>
#include <base/result.hpp>
#include <guest/device_tree.hpp>
#include <guest/spin_lock.hpp>
#include <runtime/stacks.hpp>

namespace enlighten::runtime {

// One per image. Everything is mapped at its own address: the image by its parts, the device tree and the initrd
// read-only, the largest free range of RAM as heap, stacks with a guard page below each; nothing else exists,
// unless the program takes the rest of RAM (<runtime/all_memory.hpp>).
class Memory {
 public:
  static constexpr std::uint64_t page_size = 4096;

  // Chooses the heap and sets stacks for `cpus` CPUs aside. With the start-up tables in use.
  [[nodiscard]] Result<> plan(const guest::Device_tree& tree, std::uint32_t cpus) noexcept;

  // Builds the final tables; the caller switches to them.
  [[nodiscard]] Result<arch::Translation> build_tables() noexcept;

  // Where the pages of `cpu`'s stacks are; the top is one past the last byte.
  [[nodiscard]] const Stacks& stacks() const noexcept { return stacks_; }

  // Registers of a device.
  [[nodiscard]] Result<> map_device(guest::Memory_range registers) noexcept;
  // What Xen or another domain has put at a frame of ours.
  [[nodiscard]] Result<> map_frame(std::uint64_t address, arch::Memory_kind kind) noexcept;
  // The same for frames in a row that are to be taken away again, and that: once unmap_frames() has returned, no
  // CPU holds a translation of them.
  [[nodiscard]] Result<> map_frames(guest::Memory_range frames, arch::Memory_kind kind) noexcept;
  [[nodiscard]] Result<> unmap_frames(guest::Memory_range frames) noexcept;

  // Zeroed pages, contiguous; never given back.
  [[nodiscard]] std::optional<std::uint64_t> allocate_pages(std::uint64_t count) noexcept;

  // Bytes between the two that grow towards each other, and in the pieces of RAM that come after.
  [[nodiscard]] std::uint64_t room() noexcept;

  // The C library's heap, which grows from the other end; nullptr when the two would meet. What is got may begin
  // elsewhere than where the last ended, and can be given back from there on only.
  [[nodiscard]] void* grow_heap(std::ptrdiff_t bytes) noexcept;

  [[nodiscard]] guest::Memory_range heap() const noexcept { return heap_; }

 private:
  friend class All_memory;

  [[nodiscard]] Result<> find_loaded(const guest::Device_tree& tree) noexcept;
  [[nodiscard]] Result<> choose_heap(const guest::Device_tree& tree) noexcept;
  [[nodiscard]] Result<> open_window() noexcept;
  [[nodiscard]] Result<> add(guest::Memory_range range, arch::Memory_kind kind, const char* what) noexcept;
  [[nodiscard]] std::optional<std::uint64_t> take_pages(std::uint64_t count) noexcept;
  // True: the piece in use is now another one, with at least so many pages.
  [[nodiscard]] bool take_other_piece(std::uint64_t pages) noexcept;

  std::array<guest::Memory_range, 3> loaded_;  // image, device tree, initrd
  guest::Memory_range heap_;
  std::uint64_t bottom_ = 0;  // the C library's heap in the piece in use begins here
  std::uint64_t low_ = 0;     // the C library's heap ends here
  std::uint64_t high_ = 0;    // pages handed out begin here; at a multiple of page_size
  // By a pointer, for an image that never asks for the rest of RAM not to contain it.
  bool (*other_piece_)(Memory& memory, std::uint64_t pages) noexcept = nullptr;
  std::uint64_t other_room_ = 0;
  Stacks stacks_;
  // Page tables come from the pages of this object.
  arch::Image_table_memory tables_{[](void* self) noexcept { return static_cast<Memory*>(self)->take_pages(1); },
                                   this};
  std::optional<arch::Image_table> table_;
  guest::Spin_lock lock_;
};

// The image's only one.
[[nodiscard]] Memory& memory() noexcept;

}  // namespace enlighten::runtime
