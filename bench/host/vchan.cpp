// SPDX-License-Identifier: MIT
// Bytes from one end of a vchan to the other.
#include <cstddef>
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include <drivers/vchan_end.hpp>

namespace enlighten::bench {
namespace {

using drivers::Vchan_end;
using drivers::Vchan_role;

// Through a ring of 64 KiB, which a message never fills.
void copy_through_vchan(benchmark::State& state) {
  abi::Vchan_interface page{};
  std::vector<std::uint8_t> left(1U << 16U);
  std::vector<std::uint8_t> right(1U << 16U);
  Vchan_end<> server{Vchan_role::server, page, left, right};
  Vchan_end<> client{Vchan_role::client, page, left, right};
  server.announce();
  client.announce();
  std::vector<std::byte> message(static_cast<std::size_t>(state.range(0)), std::byte{7});
  std::vector<std::byte> received(message.size());
  for (auto _ : state) {
    const Result<bool> sent = client.send(message);
    const Result<bool> came = server.receive(received);
    if (!sent || !*sent || !came || !*came) {
      state.SkipWithError("a message was lost");
      break;
    }
    benchmark::DoNotOptimize(received.data());
  }
  if (received != message) {
    state.SkipWithError("a message came changed");
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(copy_through_vchan)->Arg(64)->Arg(1024)->Arg(32768);

}  // namespace
}  // namespace enlighten::bench
