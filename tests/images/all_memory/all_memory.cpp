// SPDX-License-Identifier: MIT
// Takes every byte of RAM, by malloc() and in pages, and uses all of it at once.
//
// Promised: by the device tree, that its banks are RAM but for what it reserves; by the product, that a program
// which asks for it gets all of that but the image, the device tree, an initrd, stacks and tables. Would go wrong:
// a page that two are given, or that belongs to what was loaded; a bank that is passed over; an end that is a
// crash.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <arch/start.hpp>
#include <report/ktap.hpp>
#include <runtime/all_memory.hpp>
#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/memory.hpp>
#include <runtime/program.hpp>

using namespace enlighten;

namespace {

constexpr std::uint64_t page_size = runtime::Memory::page_size;
// Of malloc()'s: no whole number of pages.
constexpr std::size_t portion = 64 * page_size - 24;

// At the start of each page, and of each portion of malloc()'s: a list of all, and what only its owner writes.
struct Owned {
  Owned* next;
  const void* self;
  std::uint64_t bytes;
};

class Collection {
 public:
  void add(void* memory, std::uint64_t bytes) noexcept {
    std::memset(memory, 0xa5, bytes);
    first_ = new (memory) Owned{first_, memory, bytes};
    bytes_ += bytes;
  }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  // Every byte is still what its owner wrote.
  [[nodiscard]] bool is_whole() const noexcept {
    std::uint64_t seen = 0;
    for (const Owned* owned = first_; owned != nullptr; owned = owned->next) {
      if (owned->self != owned) {
        return false;
      }
      const auto* const bytes = reinterpret_cast<const unsigned char*>(owned);
      for (std::uint64_t i = sizeof(Owned); i < owned->bytes; ++i) {
        if (bytes[i] != 0xa5) {
          return false;
        }
      }
      seen += owned->bytes;
    }
    return seen == bytes_;
  }

 private:
  Owned* first_ = nullptr;
  std::uint64_t bytes_ = 0;
};

[[nodiscard]] Result<std::uint64_t> ram(const runtime::Guest& guest) noexcept {
  std::uint64_t bytes = 0;
  guest::Range_walk banks = guest.tree().memory();
  while (const auto bank = ENLIGHTEN_TRY(banks.next())) {
    bytes += bank->size;
  }
  return bytes;
}

void check(report::Ktap& ktap, bool passed, const char* name) noexcept {
  if (passed) {
    ktap.pass(name);
  } else {
    ktap.fail(name);
  }
}

}  // namespace

runtime::Task<int> guest_main(runtime::Guest& guest) {
  report::Ktap ktap{runtime::console()};
  const std::uint64_t before = runtime::memory().room();
  const Result<std::uint64_t> added = runtime::use_all_memory(guest);
  const Result<std::uint64_t> again = runtime::use_all_memory(guest);
  const Result<std::uint64_t> all = ram(guest);
  if (!added || !again || !all) {
    runtime::log(!added ? added.error() : !again ? again.error() : all.error());
    co_return report::exit_code(report::Verdict::error);
  }
  const std::uint64_t room = runtime::memory().room();
  ktap.diagnose_format("%llu KiB of RAM, %llu KiB of them free in one piece, %llu KiB more in others",
                       static_cast<unsigned long long>(*all >> 10), static_cast<unsigned long long>(before >> 10),
                       static_cast<unsigned long long>(*added >> 10));
  check(ktap, *added > 0 && room <= before + *added && room + (*added >> 8) >= before + *added,
        "what is added is there, but for page tables");
  check(ktap, *again == 0, "the second time adds nothing");
  const std::uint64_t image = arch::image_layout().end - arch::image_layout().text;
  check(ktap, room + image + (2U << 20) + (*all >> 8) >= *all,
        "all but what was loaded, stacks and tables is there");

  Collection collection;
  while (collection.bytes() < room / 2) {
    void* const memory = std::malloc(portion);
    if (memory == nullptr) {
      break;
    }
    collection.add(memory, portion);
  }
  const std::uint64_t by_malloc = collection.bytes();
  check(ktap, by_malloc >= room / 2, "half of it comes from malloc()");
  while (const auto page = runtime::memory().allocate_pages(1)) {
    collection.add(reinterpret_cast<void*>(*page), page_size);
  }
  ktap.diagnose_format("%llu KiB by malloc(), %llu KiB in pages", static_cast<unsigned long long>(by_malloc >> 10),
                       static_cast<unsigned long long>((collection.bytes() - by_malloc) >> 10));
  check(ktap, collection.bytes() + (room >> 7) >= room, "nearly nothing of it is lost on the way");
  check(ktap, runtime::memory().room() < page_size, "no page is left");
  check(ktap, std::malloc(portion) == nullptr, "and malloc() says so");
  check(ktap, collection.is_whole(), "no byte belongs to two");
  co_return report::exit_code(ktap.finish());
}
