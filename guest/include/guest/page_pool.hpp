// SPDX-License-Identifier: MIT
// Where memory comes from that other domains or Xen have for a time, and where it goes when they have let go of it.
#pragma once

#include <cstdint>

namespace enlighten::guest {

// Called on any vCPU, without order between vCPUs.
class Page_pool {
 public:
  // So many pages of 4 KiB in a row, of ordinary memory, identity-mapped, zeroed: what was there is nobody else's
  // business. nullptr when there are none.
  [[nodiscard]] virtual void* take(std::uint32_t pages) noexcept = 0;

  // A page that take() handed out, alone or in a row: rows come back page by page, in any order.
  virtual void give_back(void* page) noexcept = 0;

 protected:
  Page_pool() = default;
  Page_pool(const Page_pool&) = default;
  Page_pool& operator=(const Page_pool&) = default;
  ~Page_pool() = default;
};

}  // namespace enlighten::guest
