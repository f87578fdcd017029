// SPDX-License-Identifier: MIT
// The subjects of two domains, each in the file of its name.
#pragma once

#include <conformance/peer.hpp>

namespace enlighten::conformance {

extern const Pair_subject static_channels_subject;
extern const Pair_subject peer_channels_subject;
extern const Pair_subject peer_grants_subject;
extern const Pair_subject peer_operations_subject;
extern const Pair_subject parting_subject;

}  // namespace enlighten::conformance
