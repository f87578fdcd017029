// SPDX-License-Identifier: MIT
// What the two ends of a vchan do once they have found each other, and what came of it.
#pragma once

#include <cstdint>
#include <optional>

#include <base/result.hpp>
#include <runtime/task.hpp>
#include <runtime/vchan.hpp>

namespace vchan {

using namespace enlighten;
using runtime::Vchan;

enum class Role : std::uint8_t { server, client };

struct Plan {
  Role role = Role::server;
  std::uint64_t bytes = 0;     // of a stream each way, in whole chunks
  std::uint32_t packets = 0;   // each way
  bool waits_for_end = false;  // of the other end, reading what it sends until then
};

struct Outcome {
  Result<> sent;
  Result<> received;
  std::uint64_t hash = 0;
  std::uint64_t expected_hash = 0;
  std::uint32_t wrong_packets = 0;
  std::uint64_t bytes_before_end = 0;
  std::optional<Error> end;
};

runtime::Task<Outcome> exchange(Vchan& vchan, const Plan& plan);

}  // namespace vchan
