// SPDX-License-Identifier: MIT
// The other side of the image grants: grants_peer DOMID maps what that guest grants, and grants to it, by Linux's
// own devices /dev/xen/gntdev and /dev/xen/gntalloc.
//
// Promised by Linux: gntdev maps and copies what was granted, as far as it was granted; a page of gntalloc's is
// there for both. Each step is checked; the first that does not hold is told, and ends this with 1.
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xen/gntalloc.h>
#include <xen/xen.h>

// Each needs those before it.
#include <xen/grant_table.h>

#include <xen/gntdev.h>

extern "C" {
#include <xenstore.h>
}

#include <tests/grants_meeting.hpp>

namespace {

using namespace grants;

constexpr std::size_t page_size = 4096;
constexpr auto patience = std::chrono::seconds{60};

// Until it holds, or for as long as patience lasts.
template <typename Holds>
bool await(Holds holds) {
  const auto begun = std::chrono::steady_clock::now();
  while (!holds()) {
    if (std::chrono::steady_clock::now() - begun > patience) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

void check(bool holds, const char* what) {
  if (!holds) {
    std::printf("%s: not so (errno: %s)\n", what, std::strerror(errno));
    std::exit(1);
  }
}

// Of a structure that ends with an array of one element, memory for as many as are wanted.
template <typename Request, typename Element>
class Request_of {
 public:
  explicit Request_of(std::size_t elements)
      : bytes_(sizeof(Request) + (elements - 1) * sizeof(Element), std::byte{0}) {}
  Request* operator->() { return reinterpret_cast<Request*>(bytes_.data()); }
  void* data() { return bytes_.data(); }

 private:
  std::vector<std::byte> bytes_;
};

class Device {
 public:
  explicit Device(const char* path) : file_{open(path, O_RDWR | O_CLOEXEC)} { check(file_ >= 0, path); }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  ~Device() { close(file_); }

  template <typename Request>
  void order(unsigned long number, Request& request, const char* what) const {
    check(ioctl(file_, number, &request) == 0, what);
  }
  void order(unsigned long number, void* request, const char* what) const {
    check(ioctl(file_, number, request) == 0, what);
  }
  // Empty if that is refused.
  [[nodiscard]] std::span<std::byte> map(std::uint64_t index, std::size_t pages, int protection) const {
    void* const at = mmap(nullptr, pages * page_size, protection, MAP_SHARED, file_, static_cast<off_t>(index));
    return at == MAP_FAILED ? std::span<std::byte>{} : std::span{static_cast<std::byte*>(at), pages * page_size};
  }

 private:
  int file_;
};

void end_mapping(std::span<std::byte> pages) {
  check(munmap(pages.data(), pages.size()) == 0, "munmap");
}

// What the guest has granted to us.
class Mapper {
 public:
  explicit Mapper(domid_t guest) : guest_{guest} {}

  // Before it is mapped, Xen is not asked whether there is such a grant.
  std::uint64_t name(std::span<const std::uint32_t> refs) const {
    Request_of<ioctl_gntdev_map_grant_ref, ioctl_gntdev_grant_ref> request{refs.size()};
    request->count = static_cast<std::uint32_t>(refs.size());
    for (std::size_t index = 0; index < refs.size(); ++index) {
      request->refs[index] = {.domid = guest_, .ref = refs[index]};
    }
    device_.order(IOCTL_GNTDEV_MAP_GRANT_REF, request.data(), "gntdev takes references");
    return request->index;
  }
  void forget(std::uint64_t index, std::size_t pages) const {
    ioctl_gntdev_unmap_grant_ref request{.index = index, .count = static_cast<std::uint32_t>(pages), .pad = 0};
    device_.order(IOCTL_GNTDEV_UNMAP_GRANT_REF, request, "gntdev forgets references");
  }
  [[nodiscard]] const Device& device() const { return device_; }

  void copy_from(std::uint32_t ref, std::span<std::byte> to) const {
    gntdev_grant_copy_segment segment{};
    segment.source.foreign = {.ref = ref, .offset = 0, .domid = guest_};
    segment.dest.virt = to.data();
    segment.len = static_cast<std::uint16_t>(to.size());
    segment.flags = GNTCOPY_source_gref;
    ioctl_gntdev_grant_copy request{.count = 1, .segments = &segment};
    device_.order(IOCTL_GNTDEV_GRANT_COPY, request, "gntdev copies");
    check(segment.status == GNTST_okay, "the copy's status is good");
  }

 private:
  Device device_{"/dev/xen/gntdev"};
  domid_t guest_;
};

void map_from(domid_t guest) {
  const Mapper mapper{guest};
  const std::uint64_t meeting = mapper.name(std::array{first_ref});
  std::span<std::byte> page;
  check(await([&] { return !(page = mapper.device().map(meeting, 1, PROT_READ | PROT_WRITE)).empty(); }),
        "the guest's first grant is mapped");
  const auto stage = stage_of(page.data());
  // Acquire, here and below: with the stage comes what the guest wrote before it.
  check(await([&] { return stage.load(std::memory_order_acquire) == granted; }), "the guest has written it");
  check(is_filled(page.subspan(pattern_at, 64), 1), "it is seen what the guest has written");
  std::array<std::uint32_t, 1 + row_pages> refs{};
  std::memcpy(refs.data(), page.data() + told_at, sizeof refs);

  const std::uint64_t for_writing = mapper.name(std::span{refs}.first<1>());
  check(mapper.device().map(for_writing, 1, PROT_READ | PROT_WRITE).empty(),
        "a grant for reading is not mapped for writing");
  mapper.forget(for_writing, 1);
  // Named anew: gntdev keeps to the access of the first attempt.
  const std::uint64_t read_only = mapper.name(std::span{refs}.first<1>());
  const auto for_reading = mapper.device().map(read_only, 1, PROT_READ);
  check(!for_reading.empty() && is_filled(for_reading, 2), "it is mapped for reading");
  end_mapping(for_reading);
  mapper.forget(read_only, 1);
  std::array<std::byte, 256> copy{};
  mapper.copy_from(refs[0], copy);
  check(is_filled(copy, 2), "a copy of it is what is there");

  const std::uint64_t row = mapper.name(std::span{refs}.subspan<1>());
  const auto pages = mapper.device().map(row, row_pages, PROT_READ | PROT_WRITE);
  check(!pages.empty() && is_filled(pages, 3), "a row is in the guest's order");
  fill(pages.last(page_size), 5);
  end_mapping(pages);
  mapper.forget(row, row_pages);

  fill(page.subspan(pattern_at, 64), 4);
  // Release: what was written on all pages, to the guest's acquire of the stage.
  stage.store(mapped, std::memory_order_release);
  check(await([&] { return stage.load(std::memory_order_acquire) == ended; }), "the guest has ended the grant");
  check(is_filled(page.subspan(pattern_at, 64), 4), "its page is still there");
  end_mapping(page);
  mapper.forget(meeting, 1);
  std::printf("gntdev: %u pages of the guest's mapped, written and let go\n", 2 + row_pages);
}

// Pages of ours, and the node that tells the guest of them.
class Allocation {
 public:
  Allocation(const Device& device, domid_t guest, std::uint32_t pages, std::uint16_t flags)
      : device_{device}, request_{pages}, pages_{pages} {
    request_->domid = guest;
    request_->flags = flags;
    request_->count = pages;
    device_.order(IOCTL_GNTALLOC_ALLOC_GREF, request_.data(), "gntalloc allocates");
    memory_ = device_.map(request_->index, pages, PROT_READ | PROT_WRITE);
    check(!memory_.empty(), "what gntalloc has allocated is mapped");
  }
  void end() {
    end_mapping(memory_);
    ioctl_gntalloc_dealloc_gref request{.index = request_->index, .count = pages_};
    device_.order(IOCTL_GNTALLOC_DEALLOC_GREF, request, "gntalloc gives up");
  }

  [[nodiscard]] std::span<std::byte> memory() const { return memory_; }
  void add_refs(std::string& text) {
    for (std::uint32_t page = 0; page < pages_; ++page) {
      text += (text.empty() ? "" : " ") + std::to_string(request_->gref_ids[page]);
    }
  }

 private:
  const Device& device_;
  Request_of<ioctl_gntalloc_alloc_gref, std::uint32_t> request_;
  std::uint32_t pages_;
  std::span<std::byte> memory_;
};

void tell(domid_t guest, const std::string& refs) {
  xs_handle* const store = xs_open(0);
  check(store != nullptr, "xenstore");
  const std::string node = "/local/domain/" + std::to_string(guest) + "/" + linux_node;
  check(xs_write(store, XBT_NULL, node.c_str(), refs.data(), static_cast<unsigned>(refs.size())),
        "the references are written down");
  xs_close(store);
}

void grant_to(domid_t guest) {
  const Device device{"/dev/xen/gntalloc"};
  Allocation row{device, guest, linux_pages, GNTALLOC_FLAG_WRITABLE};
  Allocation read_only{device, guest, 1, 0};
  fill(row.memory().subspan(page_size), 6);
  fill(read_only.memory(), 7);
  const auto stage = stage_of(row.memory().data());
  // Release: what is on all pages, to the guest's acquire of the stage.
  stage.store(granted, std::memory_order_release);
  std::string refs;
  row.add_refs(refs);
  read_only.add_refs(refs);
  tell(guest, refs);
  check(await([&] { return stage.load(std::memory_order_acquire) == mapped; }), "the guest has mapped our pages");
  check(is_filled(row.memory().subspan(page_size), 8), "it is seen what the guest has written");
  check(is_filled(read_only.memory(), 7), "what it may not write to is as it was");
  fill(row.memory().last(page_size), 9);
  stage.store(ended, std::memory_order_release);
  row.end();
  read_only.end();
  std::printf("gntalloc: %u pages granted to the guest, written by it and given up\n", linux_pages + 1);
}

}  // namespace

int main(int argument_count, char** arguments) {
  // Each line at once: should this hang, they say where.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const auto guest = static_cast<domid_t>(argument_count == 2 ? std::atoi(arguments[1]) : 0);
  check(guest != 0, "grants_peer is told the number of a guest");
  map_from(guest);
  grant_to(guest);
  return 0;
}
