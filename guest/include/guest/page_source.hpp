// SPDX-License-Identifier: MIT
// Where this folder's objects get the pages that they share with Xen.
#pragma once

namespace enlighten::guest {

class Page_source {
 public:
  // A zeroed page of ordinary memory, 4 KiB at a multiple of that, identity-mapped and never given back; nullptr
  // when there is none.
  [[nodiscard]] virtual void* page() noexcept = 0;

 protected:
  Page_source() = default;
  Page_source(const Page_source&) = default;
  Page_source& operator=(const Page_source&) = default;
  ~Page_source() = default;
};

}  // namespace enlighten::guest
