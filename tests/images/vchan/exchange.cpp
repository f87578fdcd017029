// SPDX-License-Identifier: MIT
// Both directions at once: a stream, then packets, then the wait for the other's end.
#include "exchange.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include <tests/vchan_stream.hpp>

namespace vchan {
namespace {

// No test waits for longer than this for a single thing.
constexpr auto patience = std::chrono::seconds{60};

[[nodiscard]] std::uint64_t own_seed(Role role) noexcept {
  return role == Role::server ? server_seed : client_seed;
}
[[nodiscard]] std::uint64_t peer_seed(Role role) noexcept {
  return role == Role::server ? client_seed : server_seed;
}

runtime::Task<Result<>> send(Vchan& vchan, const Plan& plan) {
  Pattern pattern{own_seed(plan.role)};
  std::vector<std::byte> bytes(chunk);
  for (std::uint64_t done = 0; done < plan.bytes; done += chunk) {
    pattern.fill(bytes);
    if (const Result<> written = co_await vchan.write(bytes, patience); !written) {
      co_return written;
    }
  }
  for (std::uint32_t packet = 0; packet < plan.packets; ++packet) {
    const std::span one = std::span{bytes}.first(packet_length(pattern));
    pattern.fill(one);
    if (const Result<> sent = co_await vchan.send(one, patience); !sent) {
      co_return sent;
    }
  }
  co_return Result<>{};
}

runtime::Task<Result<>> receive(Vchan& vchan, const Plan& plan, Outcome& outcome) {
  Pattern pattern{peer_seed(plan.role)};
  std::vector<std::byte> bytes(chunk);
  std::vector<std::byte> expected(chunk);
  Hash hash;
  Hash expected_hash;
  for (std::uint64_t done = 0; done < plan.bytes; done += chunk) {
    for (std::span<std::byte> rest = bytes; !rest.empty();) {
      const Result<std::size_t> count = co_await vchan.read(rest, patience);
      if (!count) {
        co_return count.error();
      }
      rest = rest.subspan(*count);
    }
    hash.add(bytes);
    pattern.fill(expected);
    expected_hash.add(expected);
  }
  outcome.hash = hash.value();
  outcome.expected_hash = expected_hash.value();
  for (std::uint32_t packet = 0; packet < plan.packets; ++packet) {
    const std::size_t length = packet_length(pattern);
    const std::span should_be = std::span{expected}.first(length);
    pattern.fill(should_be);
    if (const Result<> received = co_await vchan.receive(std::span{bytes}.first(length), patience); !received) {
      co_return received;
    }
    outcome.wrong_packets += std::memcmp(bytes.data(), should_be.data(), length) == 0 ? 0U : 1U;
  }
  co_return Result<>{};
}

struct Sending {
  Result<> result;
  bool is_done = false;
};

runtime::Task<> send_meanwhile(Vchan& vchan, const Plan& plan, Sending& sending) {
  sending.result = co_await send(vchan, plan);
  sending.is_done = true;
}

}  // namespace

runtime::Task<Outcome> exchange(Vchan& vchan, const Plan& plan) {
  Outcome outcome;
  Sending sending;
  runtime::this_vcpu().executor().spawn(send_meanwhile(vchan, plan, sending));
  outcome.received = co_await receive(vchan, plan, outcome);
  // As long as it takes, which its own patience bounds: it refers to what is here.
  while (!sending.is_done) {
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{1});
  }
  outcome.sent = sending.result;
  std::vector<std::byte> bytes(chunk);
  while (plan.waits_for_end && outcome.received && outcome.sent && !outcome.end) {
    const Result<std::size_t> count = co_await vchan.read(bytes, patience);
    outcome.bytes_before_end += count ? *count : 0;
    if (!count) {
      outcome.end = count.error();
    }
  }
  co_return outcome;
}

}  // namespace vchan
