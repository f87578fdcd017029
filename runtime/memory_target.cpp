// SPDX-License-Identifier: MIT
// A balloon that is as large as what the toolstack wants of the memory the domain was made with.
#include <runtime/memory_target.hpp>

#include <optional>

#include <guest/balloon.hpp>
#include <runtime/log.hpp>
#include <runtime/memory.hpp>
#include <runtime/page_rows.hpp>
#include <runtime/xenstore.hpp>

namespace enlighten::runtime {
namespace {

// The image's pages, but for those that stay.
class Spare_pages final : public guest::Page_pool {
 public:
  explicit Spare_pages(std::uint64_t reserve) noexcept : reserve_{reserve} {}

  [[nodiscard]] void* take(std::uint32_t pages) noexcept override {
    if (void* const page = page_rows().take_again(pages)) {
      return page;
    }
    return memory().room() < reserve_ + pages * Memory::page_size ? nullptr : page_rows().take(pages);
  }
  void give_back(void* page) noexcept override { page_rows().give_back(page); }

 private:
  std::uint64_t reserve_;
};

// A value of xenstore's is in KiB.
[[nodiscard]] constexpr std::uint64_t pages(std::uint64_t kib) noexcept {
  return kib / (Memory::page_size >> 10);
}

[[nodiscard]] Task<> look_at_target(Store& store, guest::Balloon& balloon) {
  const Result<std::uint64_t> most = co_await store.read_number(own_domain / "memory" / "static-max");
  const Result<std::uint64_t> target = co_await store.read_number(own_domain / "memory" / "target");
  if (!most || !target) {
    log("memory: ", most ? target.error() : most.error());
    co_return;
  }
  const std::uint64_t wanted = pages(*most > *target ? *most - *target : 0);
  if (wanted == balloon.size()) {
    co_return;
  }
  const Result<> resized = balloon.resize(wanted);
  log("memory: ", balloon.size(), " of ", pages(*most), " pages are given back to Xen");
  if (!resized) {
    log("memory: ", resized.error());
  }
}

// The balloon and all else lives in this coroutine, which never ends.
Task<> follow(Guest& guest, Store& store, Watch watch, std::uint64_t reserve) {
  Spare_pages spare{reserve};
  guest::Balloon balloon{guest.xen(), spare};
  const Result<> ended = co_await watch.follow([&] { return look_at_target(store, balloon); });
  log("memory: ", ended.error());
}

}  // namespace

Task<Result<>> follow_memory_target(Guest& guest, std::uint64_t reserve) {
  const Result<Store*> store = Store::open(guest);
  if (!store) {
    co_return store.error();
  }
  Result<Watch> watch = co_await (*store)->watch(own_domain / "memory" / "target");
  if (!watch) {
    co_return watch.error();
  }
  this_vcpu().executor().spawn(follow(guest, **store, std::move(*watch), reserve));
  co_return Result<>{};
}

}  // namespace enlighten::runtime
