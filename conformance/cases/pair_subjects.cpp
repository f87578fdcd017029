// SPDX-License-Identifier: MIT
// Which subjects of two domains there are, in the order in which they run.
#include "pair_subjects.hpp"

namespace enlighten::conformance {
namespace {

constexpr const Pair_subject* all[] = {
    &static_channels_subject,
    &peer_channels_subject,
    &peer_grants_subject,
    &peer_operations_subject,
    // Nobody has a turn after it.
    &parting_subject,
};

}  // namespace

std::span<const Pair_subject* const> pair_subjects() noexcept {
  return all;
}

}  // namespace enlighten::conformance
