// SPDX-License-Identifier: MIT
// The rows of pages that an image lends: fresh ones come from its memory.
#include <runtime/memory.hpp>
#include <runtime/page_rows.hpp>

namespace enlighten::runtime {
namespace {

constinit Page_rows the_rows{[](std::uint64_t pages) noexcept { return memory().allocate_pages(pages); }};

}  // namespace

Page_rows& page_rows() noexcept {
  return the_rows;
}

}  // namespace enlighten::runtime
