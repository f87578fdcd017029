// SPDX-License-Identifier: MIT
// How Xen reads and marks the grant entries of version 1, and how it notices a guest that changes one in use.
#include <model/grant_entries.hpp>

#include <algorithm>
#include <bit>
#include <string>

#include <model/grant_table.hpp>

namespace enlighten::model {
namespace {

using abi::Grant_status;

static_assert(std::endian::native == std::endian::little, "flags are the low half of an entry's first word");

// A grant of less than a page ([xen] grant_table.h, GTF_sub_page).
constexpr std::uint16_t sub_page = 1U << 8;
// How often Xen tries to mark an entry that its guest keeps changing.
constexpr int most_tries = 5;

// The first word of an entry, changed as one: who may, and what.
struct Rights {
  std::uint16_t flags;
  Domain_id domain;

  static Rights of(std::uint32_t word) noexcept {
    return {static_cast<std::uint16_t>(word), Domain_id{static_cast<std::uint16_t>(word >> 16U)}};
  }
  [[nodiscard]] std::uint32_t word() const noexcept { return flags | std::uint32_t{domain.value()} << 16U; }
  [[nodiscard]] bool has(std::uint16_t flag) const noexcept { return (flags & flag) != 0; }
};

}  // namespace

std::uint32_t Grant_entries::frames() {
  const Lock_guard guard{lock_, owner_.turns()};
  grow(1);
  return static_cast<std::uint32_t>(frames_.size());
}

bool Grant_entries::grow_to(std::uint32_t frames) {
  const Lock_guard guard{lock_, owner_.turns()};
  if (frames > max_frames_) {
    return false;
  }
  grow(frames);
  return true;
}

void Grant_entries::grow(std::uint32_t frames) {
  while (frames_.size() < frames) {
    frames_.push_back({owner_.allocate_frame(), std::nullopt});
  }
  active_.resize(frames_.size() * abi::grant_entries_per_frame);
}

std::optional<Mfn> Grant_entries::frame_for(std::uint64_t index) {
  const Lock_guard guard{lock_, owner_.turns()};
  if (index >= max_frames_) {
    return std::nullopt;
  }
  grow(static_cast<std::uint32_t>(index) + 1);
  return frames_[index].frame;
}

void Grant_entries::placed(std::uint64_t index, abi::Gfn at) {
  const Lock_guard guard{lock_, owner_.turns()};
  frames_.at(index).at = at;
}

// Not told of removals: what stands at the place says whether it still is one.
std::optional<abi::Gfn> Grant_entries::place_of(std::uint64_t index) {
  const Lock_guard guard{lock_, owner_.turns()};
  if (index >= frames_.size()) {
    return std::nullopt;
  }
  const Frame& frame = frames_[index];
  return frame.at && owner_.machine_frame(*frame.at) == frame.frame ? frame.at : std::nullopt;
}

bool Grant_entries::holds(Mfn frame) {
  const Lock_guard guard{lock_, owner_.turns()};
  return std::ranges::find(frames_, frame, &Frame::frame) != frames_.end();
}

bool Grant_entries::exists(Grant_ref ref) {
  grow(1);
  return ref.value() < active_.size();
}

std::byte* Grant_entries::entry(Grant_ref ref) {
  const Frame& frame = frames_[ref.value() / abi::grant_entries_per_frame];
  return owner_.bytes(frame.frame) +
         ref.value() % abi::grant_entries_per_frame * std::size_t{sizeof(abi::Grant_entry_v1)};
}

Shared_word<std::uint32_t> Grant_entries::flags_and_domain(Grant_ref ref) {
  return {owner_, *reinterpret_cast<std::uint32_t*>(entry(ref))};
}

Shared_word<std::uint32_t> Grant_entries::granted_frame(Grant_ref ref) {
  return {owner_, *reinterpret_cast<std::uint32_t*>(entry(ref) + offsetof(abi::Grant_entry_v1, frame))};
}

std::expected<Mfn, Grant_status> Grant_entries::acquire(Grant_ref ref, Domain_id by, Access access, Grant_use use) {
  const Lock_guard guard{lock_, owner_.turns()};
  if (!exists(ref)) {
    return std::unexpected{Grant_status::bad_gntref};
  }
  Active& active = active_[ref.value()];
  if (active.in_use()) {
    check(ref);
    if (active.by != by) {
      return std::unexpected{Grant_status::general_error};
    }
  }
  // A second reader needs no look at the entry: what the first one found still holds.
  if (!active.in_use() || (access == Access::read_write && active.writers == 0)) {
    if (!mark(ref, by, access, use)) {
      return std::unexpected{Grant_status::general_error};
    }
  }
  if (!active.in_use()) {
    const abi::Gfn granted{granted_frame(ref).load()};
    const std::optional<Mfn> page = page_behind(granted);
    if (!page) {
      clear_marks(ref, access);
      return std::unexpected{Grant_status::bad_page};
    }
    active.by = by;
    active.granted = granted;
    active.frame = *page;
    owner_.pin(granted, "a grant in use");
  }
  ++(access == Access::read ? active.readers : active.writers);
  return active.frame;
}

void Grant_entries::release(Grant_ref ref, Access access) {
  const Lock_guard guard{lock_, owner_.turns()};
  check(ref);
  Active& active = active_[ref.value()];
  --(access == Access::read ? active.readers : active.writers);
  clear_marks(ref, access);
  if (!active.in_use()) {
    owner_.unpin(active.granted);
  }
}

// Sets GTF_reading, and GTF_writing for a writer, unless the entry does not permit it.
bool Grant_entries::mark(Grant_ref ref, Domain_id by, Access access, Grant_use use) {
  using namespace abi::grant_flags;
  const auto looked_at = static_cast<std::uint16_t>(type_mask | (use == Grant_use::map ? sub_page : 0));
  const auto marks = static_cast<std::uint16_t>(reading | (access == Access::read_write ? writing : 0));
  Shared_word<std::uint32_t> word = flags_and_domain(ref);
  std::uint32_t seen = word.load();
  for (int tries = 0; tries < most_tries; ++tries) {
    Rights rights = Rights::of(seen);
    if (!active_[ref.value()].in_use() && ((rights.flags & looked_at) != permit_access || rights.domain != by)) {
      return false;
    }
    if (access == Access::read_write && rights.has(readonly)) {
      return false;
    }
    rights.flags |= marks;
    if (word.compare_exchange(seen, rights.word())) {
      return true;
    }
  }
  return false;
}

// GTF_writing goes with the last writer, GTF_reading with the last of all; both at once if that is the same.
void Grant_entries::clear_marks(Grant_ref ref, Access access) {
  const Active& active = active_[ref.value()];
  std::uint16_t marks = active.in_use() ? 0 : abi::grant_flags::reading;
  if (access == Access::read_write && active.writers == 0) {
    marks |= abi::grant_flags::writing;
  }
  if (marks != 0) {
    Shared_word<std::uint16_t>{owner_, *reinterpret_cast<std::uint16_t*>(entry(ref))}.clear(marks);
  }
}

// What is another domain's cannot be granted on.
std::optional<Mfn> Grant_entries::page_behind(abi::Gfn granted) {
  const std::optional<Domain_id> granter = owner_.grant_table(owner_.id())->granter_at(granted);
  return granter && *granter != owner_.id() ? std::nullopt : owner_.machine_frame(granted);
}

bool Grant_entries::in_use(Mfn page) {
  const Lock_guard guard{lock_, owner_.turns()};
  return std::ranges::any_of(active_, [page](const Active& one) { return one.in_use() && one.frame == page; });
}

Grant_status Grant_entries::swap(Grant_ref one, Grant_ref other) {
  const Lock_guard guard{lock_, owner_.turns()};
  if (!exists(one) || !exists(other)) {
    return Grant_status::bad_gntref;
  }
  if (one == other) {
    return Grant_status::okay;
  }
  if (active_[one.value()].in_use() || active_[other.value()].in_use()) {
    return Grant_status::eagain;
  }
  const auto whole = [this](Grant_ref ref) {
    return Shared_word<std::uint64_t>{owner_, *reinterpret_cast<std::uint64_t*>(entry(ref))};
  };
  const std::uint64_t first = whole(one).load();
  const std::uint64_t second = whole(other).load();
  whole(one).store(second);
  whole(other).store(first);
  return Grant_status::okay;
}

void Grant_entries::seed(Grant_ref ref, Domain_id to, abi::Gfn frame) {
  const Lock_guard guard{lock_, owner_.turns()};
  if (exists(ref)) {
    granted_frame(ref).store(static_cast<std::uint32_t>(frame.value()));
    flags_and_domain(ref).store(Rights{abi::grant_flags::permit_access, to}.word());
  }
}

void Grant_entries::check() {
  const Lock_guard guard{lock_, owner_.turns()};
  for (std::uint32_t ref = 0; ref < active_.size(); ++ref) {
    if (active_[ref].in_use()) {
      check(Grant_ref{ref});
    }
  }
}

// An entry in use may turn read-only while nobody writes, and back; nothing else of it may change.
void Grant_entries::check(Grant_ref ref) {
  using namespace abi::grant_flags;
  const Active& active = active_[ref.value()];
  const Rights rights = Rights::of(flags_and_domain(ref).load());
  const std::uint32_t frame = granted_frame(ref).load();
  if (frame != active.granted.value()) {
    blame(ref, "changed its frame from " + std::to_string(active.granted.value()) + " to " + std::to_string(frame));
  }
  if (rights.domain != active.by) {
    blame(ref, "changed its domain to " + std::to_string(rights.domain.value()));
  }
  if ((rights.flags & type_mask) != permit_access || !rights.has(reading) ||
      rights.has(writing) != (active.writers != 0)) {
    blame(ref, "changed its type, GTF_reading or GTF_writing: flags are " + std::to_string(rights.flags));
  } else if (active.writers != 0 && rights.has(readonly)) {
    blame(ref, "made it read-only");
  }
}

void Grant_entries::blame(Grant_ref ref, const std::string& what) {
  const Active& active = active_[ref.value()];
  owner_.blame_guest("grant entry " + std::to_string(ref.value()) + " is in use by domain " +
                     std::to_string(active.by.value()) + " and its owner " + what);
}

}  // namespace enlighten::model
