// SPDX-License-Identifier: MIT
// Requests to xenstored made into bytes, and replies read.
#include <array>
#include <cstddef>
#include <string_view>

#include <benchmark/benchmark.h>

#include <guest/xenstore_message.hpp>

namespace enlighten::bench {
namespace {

using namespace std::string_view_literals;

void encode_write(benchmark::State& state) {
  std::array<std::byte, abi::xenstore_payload_max> payload;
  for (auto _ : state) {
    const auto message = guest::Xenstore_message::write("device/vif/0/state", "4");
    message.copy_to(std::span{payload}.first(message.size()));
    benchmark::DoNotOptimize(payload);
  }
}

void encode_permissions(benchmark::State& state) {
  const std::array<guest::Xenstore_permission, 2> permissions{{
      {Domain_id{1}, guest::Xenstore_permission::Access::none},
      {Domain_id{0}, guest::Xenstore_permission::Access::read},
  }};
  std::array<std::byte, abi::xenstore_payload_max> payload;
  for (auto _ : state) {
    const auto message = guest::Xenstore_message::set_perms("data/ring", permissions);
    message->copy_to(std::span{payload}.first(message->size()));
    benchmark::DoNotOptimize(payload);
  }
}

void decode_directory(benchmark::State& state) {
  constexpr std::string_view payload = "backend\0backend-id\0state\0event-channel\0ring-ref\0mac\0"sv;
  for (auto _ : state) {
    std::size_t length = 0;
    for (const std::string_view name : guest::Xenstore_texts{*guest::xenstore_reply::texts(payload)}) {
      length += name.size();
    }
    benchmark::DoNotOptimize(length);
  }
}

void decode_permissions(benchmark::State& state) {
  constexpr std::string_view payload = "n1\0r0\0b17\0"sv;
  std::array<guest::Xenstore_permission, 8> permissions;
  for (auto _ : state) {
    benchmark::DoNotOptimize(guest::xenstore_reply::permissions(payload, permissions));
  }
}

BENCHMARK(encode_write);
BENCHMARK(encode_permissions);
BENCHMARK(decode_directory);
BENCHMARK(decode_permissions);

}  // namespace
}  // namespace enlighten::bench
