// SPDX-License-Identifier: MIT
// The domain ids with a fixed meaning: DOMID_* ([xen] xen.h).
#pragma once

#include <base/ids.hpp>

namespace enlighten::abi {

// From here on an id names no ordinary domain.
inline constexpr Domain_id first_reserved_domain{0x7ff0};

// The caller's own domain, where the operation's description allows it; some want the number itself.
inline constexpr Domain_id domain_self{0x7ff0};

inline constexpr Domain_id domain_io{0x7ff1};
inline constexpr Domain_id domain_xen{0x7ff2};
inline constexpr Domain_id domain_cow{0x7ff3};
inline constexpr Domain_id domain_invalid{0x7ff4};
inline constexpr Domain_id domain_idle{0x7fff};

}  // namespace enlighten::abi
