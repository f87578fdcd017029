// SPDX-License-Identifier: MIT
// All of RAM, where the largest free range is not enough: what lies before and behind the image, the device tree
// and an initrd, and in the other banks, of which Xen gives a domain with more than 3 GiB two.
#pragma once

#include <cstdint>

#include <base/result.hpp>
#include <runtime/guest.hpp>

namespace enlighten::runtime {

// From here on malloc(), new, and pages for grants come from everything that is free in all banks of the device
// tree; the number of bytes this adds. The second time that is 0, also after an error, which leaves in use what was
// added before. Memory::allocate_pages() gives no more in a row than one piece has.
[[nodiscard]] Result<std::uint64_t> use_all_memory(Guest& guest) noexcept;

}  // namespace enlighten::runtime
