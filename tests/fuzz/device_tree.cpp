// SPDX-License-Identifier: MIT
// Any bytes as a device tree: opening it and every question come back, and nothing reads beyond the last byte.
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include <guest/device_tree.hpp>

#include "input.hpp"

namespace enlighten::fuzz {
namespace {

// Bytes that end before a page nobody may read, for libfdt is no code of ours and has no sanitizer. The up to seven
// between, which alignment leaves, are for our own code to stumble over.
class Guarded {
 public:
  Guarded() {
    void* const mapping = mmap(nullptr, room_ + page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(mapping != MAP_FAILED);
    end_ = static_cast<std::uint8_t*>(mapping) + room_;
    require(mprotect(end_, page_, PROT_NONE) == 0);
  }

  [[nodiscard]] const void* place(std::span<const std::uint8_t> bytes) {
    ASAN_UNPOISON_MEMORY_REGION(end_ - alignment_, alignment_);
    std::uint8_t* const start = end_ - (bytes.size() + alignment_ - 1) / alignment_ * alignment_;
    std::ranges::copy(bytes, start);
    std::uint8_t* const behind = start + bytes.size();
    ASAN_POISON_MEMORY_REGION(behind, static_cast<std::size_t>(end_ - behind));
    return start;
  }

  static constexpr std::size_t room_ = std::size_t{1} << 20U;

 private:
  static constexpr std::size_t alignment_ = 8;
  std::size_t page_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::uint8_t* end_;
};

void ask(const void* blob, std::size_t room) {
  const Result<guest::Device_tree> tree = guest::Device_tree::open(blob, room);
  if (!tree) {
    return;
  }
  require(tree->bytes().size() <= room);
  static_cast<void>(tree->psci());
  static_cast<void>(tree->hypervisor());
  static_cast<void>(tree->uart());
  static_cast<void>(tree->gic());
  static_cast<void>(tree->timer());
  static_cast<void>(tree->chosen());
  walk_to_the_end(tree->memory(), room);
  walk_to_the_end(tree->reserved(), room);
  walk_to_the_end(tree->cpus(), room);
  walk_to_the_end(tree->redistributors(), room);
  walk_to_the_end(tree->extended_regions(), room);
}

}  // namespace
}  // namespace enlighten::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace enlighten::fuzz;
  static Guarded guarded;
  if (size <= Guarded::room_) {
    ask(guarded.place({data, size}), size);
  }
  return 0;
}
