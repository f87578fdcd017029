// SPDX-License-Identifier: MIT
// A grant from a free reference to a page that is granted, and back.
#include <array>
#include <cstdint>

#include <benchmark/benchmark.h>

#include <guest/grant_entry.hpp>
#include <guest/grant_ref_list.hpp>

namespace enlighten::bench {
namespace {

constexpr std::uint32_t refs = 512;

struct Links {
  std::uint32_t& link(Grant_ref ref) noexcept { return words.at(ref.value()); }
  std::array<std::uint32_t, refs> words{};
};

void grant_and_end(benchmark::State& state) {
  Links links;
  guest::Grant_ref_list<guest::Shared_words> free;
  std::array<guest::Grant_entry_words, refs> table{};
  for (std::uint32_t ref = 1; ref < refs; ++ref) {
    free.push(links, Grant_ref{ref});
  }
  for (auto _ : state) {
    const auto ref = free.pop(links);
    guest::Grant_entry<guest::Shared_words> entry{table.at(ref->value())};
    entry.publish(Domain_id{1}, abi::Gfn{0x40000}, guest::Frame_access::read_only);
    if (entry.end() != guest::Grant_end::ended) {
      state.SkipWithError("nobody maps it, and yet it does not end");
      break;
    }
    free.push(links, *ref);
  }
}

BENCHMARK(grant_and_end);

}  // namespace
}  // namespace enlighten::bench
