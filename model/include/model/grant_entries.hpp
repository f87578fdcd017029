// SPDX-License-Identifier: MIT
// The granting side of a grant table: the frames its guest writes entries to, and what Xen knows of those in use.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <abi/frame.hpp>
#include <abi/grant_table.hpp>
#include <base/ids.hpp>
#include <model/domain_view.hpp>
#include <model/lock.hpp>
#include <model/shared_word.hpp>

namespace enlighten::model {

// What somebody wants to do with a granted page: a grant of a part of one may be copied and not mapped.
enum class Grant_use : std::uint8_t { map, copy };

class Grant_entries {
 public:
  Grant_entries(Domain_view& owner, std::uint32_t max_frames) : owner_{owner}, max_frames_{max_frames} {}

  // One from the start, and never fewer than there were.
  [[nodiscard]] std::uint32_t frames();
  [[nodiscard]] std::uint32_t max_frames() const noexcept { return max_frames_; }
  // False beyond max_frames().
  [[nodiscard]] bool grow_to(std::uint32_t frames);
  // Grows until there is one of that index; nothing beyond max_frames().
  [[nodiscard]] std::optional<Mfn> frame_for(std::uint64_t index);

  // Where the guest finds that frame, as long as it does.
  void placed(std::uint64_t index, abi::Gfn at);
  [[nodiscard]] std::optional<abi::Gfn> place_of(std::uint64_t index);
  [[nodiscard]] bool holds(Mfn frame);

  // The page granted to `by`; until as many release() came, the entry says that it is in use.
  [[nodiscard]] std::expected<Mfn, abi::Grant_status> acquire(Grant_ref ref, Domain_id by, Access access,
                                                              Grant_use use);
  void release(Grant_ref ref, Access access);

  // Whether somebody uses that page by one of these grants.
  [[nodiscard]] bool in_use(Mfn page);

  [[nodiscard]] abi::Grant_status swap(Grant_ref one, Grant_ref other);

  // As a toolstack does before the guest runs.
  void seed(Grant_ref ref, Domain_id to, abi::Gfn frame);

  // Blames the guest for every entry in use that it changed.
  void check();

 private:
  // What Xen remembers of an entry in use, whatever the guest makes of the entry.
  struct Active {
    std::uint32_t readers = 0;
    std::uint32_t writers = 0;
    Domain_id by{0};
    abi::Gfn granted{0};
    Mfn frame{0};

    [[nodiscard]] bool in_use() const noexcept { return readers + writers != 0; }
  };
  struct Frame {
    Mfn frame;
    std::optional<abi::Gfn> at;
  };

  // These under lock_.
  void grow(std::uint32_t frames);
  [[nodiscard]] bool exists(Grant_ref ref);
  [[nodiscard]] std::byte* entry(Grant_ref ref);
  [[nodiscard]] Shared_word<std::uint32_t> flags_and_domain(Grant_ref ref);
  [[nodiscard]] Shared_word<std::uint32_t> granted_frame(Grant_ref ref);
  [[nodiscard]] bool mark(Grant_ref ref, Domain_id by, Access access, Grant_use use);
  void clear_marks(Grant_ref ref, Access access);
  [[nodiscard]] std::optional<Mfn> page_behind(abi::Gfn granted);
  void check(Grant_ref ref);
  void blame(Grant_ref ref, const std::string& what);

  Domain_view& owner_;
  std::uint32_t max_frames_;
  Lock lock_;
  std::vector<Frame> frames_;
  std::vector<Active> active_;
};

}  // namespace enlighten::model
