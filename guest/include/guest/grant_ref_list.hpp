// SPDX-License-Identifier: MIT
// A list of grant references that any vCPU takes from and puts to, without a lock.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>

#include <base/ids.hpp>
#include <guest/shared_words.hpp>

namespace enlighten::guest {

// Where the word is that links a reference to the next one; such words are never given back, so that one may be
// read whoever owns its reference by now.
template <typename Links>
concept Grant_links = requires(Links& links, Grant_ref ref) {
  { links.link(ref) } -> std::same_as<std::uint32_t&>;
};

// Last in, first out. The head holds a tag beside the first reference, which each change makes another one: a vCPU
// that read head and link, and was then held up while others took that reference, and more, and put it back, finds
// the same reference under another tag, and does not install a link that is stale by now. The tag has 40 bits: it
// would have to come round in full meanwhile, some 10^12 changes during which that vCPU does not run.
template <Word_policy Words>
class Grant_ref_list {
 public:
  // Of references that the domain owns, below 2^24; 0, which never is one, ends the list.
  static constexpr std::uint32_t most_refs = 1U << 24U;

  explicit Grant_ref_list(Words policy = {}) noexcept : policy_{policy} {}

  template <Grant_links Links>
  [[nodiscard]] std::optional<Grant_ref> pop(Links& links) noexcept {
    // Acquire, here and where it is read again: the link, and whatever the last owner did to the entry, comes with
    // the head. At the other end is push()'s release, handed on by every change between. Weaker, and the link read
    // below could be older than the push that made it.
    std::uint64_t seen = policy_.load(head_, std::memory_order_acquire);
    while (first_of(seen) != 0) {
      const std::uint32_t next = policy_.load(links.link(Grant_ref{first_of(seen)}), std::memory_order_relaxed);
      if (policy_.compare_exchange(head_, seen, changed(seen, next), std::memory_order_acq_rel)) {
        return Grant_ref{first_of(seen)};
      }
      seen = policy_.load(head_, std::memory_order_acquire);
    }
    return std::nullopt;
  }

  // All of the list at once, linked as they are, for the caller alone; the first one.
  [[nodiscard]] std::optional<Grant_ref> pop_all() noexcept {
    // Orders as in pop().
    std::uint64_t seen = policy_.load(head_, std::memory_order_acquire);
    while (first_of(seen) != 0) {
      if (policy_.compare_exchange(head_, seen, changed(seen, 0), std::memory_order_acq_rel)) {
        return Grant_ref{first_of(seen)};
      }
      seen = policy_.load(head_, std::memory_order_acquire);
    }
    return std::nullopt;
  }

  void push(auto& links, Grant_ref ref) noexcept { push_chain(links, ref, ref); }

  // `first` to `last`, which are linked already.
  template <Grant_links Links>
  void push_chain(Links& links, Grant_ref first, Grant_ref last) noexcept {
    std::uint64_t seen = policy_.load(head_, std::memory_order_relaxed);
    do {
      policy_.store(links.link(last), first_of(seen), std::memory_order_relaxed);
      // Release: see pop().
    } while (!policy_.compare_exchange(head_, seen, changed(seen, first.value()), std::memory_order_release));
  }

 private:
  [[nodiscard]] static constexpr std::uint32_t first_of(std::uint64_t head) noexcept {
    return static_cast<std::uint32_t>(head % most_refs);
  }
  // `seen` with another first reference, and the next tag.
  [[nodiscard]] static constexpr std::uint64_t changed(std::uint64_t seen, std::uint32_t first) noexcept {
    return (seen - first_of(seen) + most_refs) | first;
  }

  std::uint64_t head_ = 0;  // the tag above, the first reference in the lowest 24 bits
  Words policy_;
};

}  // namespace enlighten::guest
