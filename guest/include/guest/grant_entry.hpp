// SPDX-License-Identifier: MIT
// One entry of a grant table of version 1, from the granting side: making it valid, and ending it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include <abi/frame.hpp>
#include <abi/grant_table.hpp>
#include <base/ids.hpp>
#include <guest/frame_mapper.hpp>
#include <guest/shared_words.hpp>

namespace enlighten::guest {

// abi::Grant_entry_v1 as the two words that are accessed in one piece each: flags and domain belong together, for
// Xen reads and changes them as one ([xen] grant_table.h, "Xen can concurrently update the flags").
struct Grant_entry_words {
  std::uint32_t rights = 0;  // flags below, domain above
  std::uint32_t frame = 0;
};
static_assert(sizeof(Grant_entry_words) == sizeof(abi::Grant_entry_v1));
static_assert(offsetof(Grant_entry_words, frame) == offsetof(abi::Grant_entry_v1, frame));
static_assert(std::endian::native == std::endian::little);

enum class Grant_end : std::uint8_t {
  ended,   // nobody can get at the page by this grant any more, and nobody does
  in_use,  // the peer has it mapped, or keeps on changing that: the entry is as valid as before
};

template <Word_policy Words>
class Grant_entry {
 public:
  explicit Grant_entry(Grant_entry_words& words, Words policy = {}) noexcept : words_{&words}, policy_{policy} {}

  // Of an entry that is free.
  void publish(Domain_id to, abi::Gfn frame, Frame_access access) noexcept {
    policy_.store(words_->frame, static_cast<std::uint32_t>(frame.value()), std::memory_order_relaxed);
    const std::uint32_t flags = access == Frame_access::read_only
                                    ? abi::grant_flags::permit_access | abi::grant_flags::readonly
                                    : abi::grant_flags::permit_access;
    // Release: the frame, and the page's zeroes, are there before the right to it. At the other end is Xen, which
    // reads these flags and, after a barrier of its own, the frame ([xen] common/grant_table.c). Weaker, and Xen
    // could map the frame of an earlier grant for this peer.
    policy_.store(words_->rights, flags | std::uint32_t{to.value()} << 16U, std::memory_order_release);
  }

  // Never takes a page away from under a mapping: Xen sets reading and writing in the same word, so one compare and
  // swap sees both or comes first.
  [[nodiscard]] Grant_end end() noexcept {
    constexpr std::uint32_t used = abi::grant_flags::reading | abi::grant_flags::writing;
    std::uint32_t seen = policy_.load(words_->rights, std::memory_order_relaxed);
    for (int tries = 0; tries < most_tries && (seen & used) == 0; ++tries) {
      // Acquire: what we do to the page from now on comes after the last mapping's end. At the other end is Xen,
      // which clears the marks after it has taken the mapping away. Weaker, and a first store to the reused page
      // could be seen through the mapping. Release: who takes this ref next writes another frame, which Xen must
      // not see while it still finds these rights.
      if (policy_.compare_exchange(words_->rights, seen, 0, std::memory_order_acq_rel)) {
        return Grant_end::ended;
      }
    }
    return Grant_end::in_use;
  }

  [[nodiscard]] abi::Gfn frame() const noexcept {
    return abi::Gfn{policy_.load(words_->frame, std::memory_order_relaxed)};
  }

 private:
  // A peer that maps and unmaps all the time can make each try fail, and is not waited for.
  static constexpr int most_tries = 16;

  Grant_entry_words* words_;
  Words policy_;
};

}  // namespace enlighten::guest
