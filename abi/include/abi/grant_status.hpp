// SPDX-License-Identifier: MIT
// Why a single grant operation failed, in words ([xen] grant_table.h, GNTST_*).
#pragma once

#include <cstdint>

#include <abi/grant_table.hpp>
#include <base/text_table.hpp>

namespace enlighten::abi {

namespace detail {

// A status is 0 or negative.
[[nodiscard]] constexpr std::uint8_t positive(Grant_status status) noexcept {
  return static_cast<std::uint8_t>(-static_cast<std::int16_t>(status));
}

inline constexpr Text_table grant_status_texts{
    Text_of{positive(Grant_status::okay), "GNTST_okay: done"},
    Text_of{positive(Grant_status::general_error),
            "GNTST_general_error: not granted to us, not for that access, or no such address"},
    Text_of{positive(Grant_status::bad_domain), "GNTST_bad_domain: no such domain"},
    Text_of{positive(Grant_status::bad_gntref), "GNTST_bad_gntref: no such grant reference"},
    Text_of{positive(Grant_status::bad_handle), "GNTST_bad_handle: no such mapping"},
    Text_of{positive(Grant_status::bad_virt_addr), "GNTST_bad_virt_addr: inappropriate virtual address"},
    Text_of{positive(Grant_status::bad_dev_addr), "GNTST_bad_dev_addr: inappropriate device address"},
    Text_of{positive(Grant_status::no_device_space), "GNTST_no_device_space: out of space in the IOMMU"},
    Text_of{positive(Grant_status::permission_denied),
            "GNTST_permission_denied: Xen's security module keeps the two domains apart"},
    Text_of{positive(Grant_status::bad_page), "GNTST_bad_page: the granted page is none of the granter's"},
    Text_of{positive(Grant_status::bad_copy_arg), "GNTST_bad_copy_arg: the copy crosses a page boundary"},
    Text_of{positive(Grant_status::address_too_big), "GNTST_address_too_big: the page lies too high"},
    Text_of{positive(Grant_status::eagain), "GNTST_eagain: try again"},
    Text_of{positive(Grant_status::no_space), "GNTST_no_space: Xen keeps no more mappings for us"},
};

}  // namespace detail

// Name and meaning in a few words, "GNTST_bad_page: the granted page is none of the granter's".
[[nodiscard]] constexpr const char* grant_status_name(Grant_status status) noexcept {
  return detail::grant_status_texts.find(-static_cast<std::int32_t>(status), "a status Xen does not define");
}

}  // namespace enlighten::abi
