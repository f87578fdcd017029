// SPDX-License-Identifier: MIT
// Compares, reports, and runs one case after the other.
#include <conformance/bench.hpp>

#include <abi/domain_id.hpp>
#include <abi/xen_version.hpp>
#include <conformance/calls.hpp>
#include <conformance/words.hpp>

namespace enlighten::conformance {
namespace {

using Long = long long;

[[nodiscard]] Release release_of_xen() noexcept {
  const auto told = static_cast<std::uint64_t>(xen_version(abi::Xen_version_op::version));
  return {static_cast<std::uint32_t>(told >> 16U & 0xffffU), static_cast<std::uint32_t>(told & 0xffffU)};
}

}  // namespace

Bench::Bench(Machine& machine, report::Ktap_results& results) noexcept
    : machine_{machine}, results_{results}, release_{release_of_xen()} {}

bool Bench::check(const char* what, std::int64_t got, Expected expected) noexcept {
  const std::int64_t wanted = expected.on(release_);
  ++values_;
  if (got == wanted) {
    results_.diagnose_format("%s: %lld", what, static_cast<Long>(got));
    return true;
  }
  failed_ = true;
  results_.diagnose_format("%s: %lld, expected %lld", what, static_cast<Long>(got), static_cast<Long>(wanted));
  return false;
}

bool Bench::check_bits(const char* what, std::uint64_t got, Expected expected) noexcept {
  const std::int64_t wanted = expected.on(release_);
  ++values_;
  if (static_cast<std::int64_t>(got) == wanted) {
    results_.diagnose_format("%s: 0x%llx", what, static_cast<Long>(got));
    return true;
  }
  failed_ = true;
  results_.diagnose_format("%s: 0x%llx, expected 0x%llx", what, static_cast<Long>(got), static_cast<Long>(wanted));
  return false;
}

bool Bench::check_flag(const char* what, bool got, bool expected) noexcept {
  const char* const word = got ? "yes" : "no";
  ++values_;
  if (got == expected) {
    results_.diagnose_format("%s: %s", what, word);
    return true;
  }
  failed_ = true;
  results_.diagnose_format("%s: %s, expected %s", what, word, expected ? "yes" : "no");
  return false;
}

void Bench::tell(const char* what, std::uint32_t count, std::uint32_t of) noexcept {
  results_.diagnose_format("~ %s: %lu of %lu", what, static_cast<unsigned long>(count),
                           static_cast<unsigned long>(of));
}

void Bench::start_afresh() noexcept {
  static_cast<void>(event_channel(abi::Event_channel_op::reset, abi::Evtchn_reset{abi::domain_self}));
  for (std::uint64_t& word : shared_info().evtchn_pending) {
    put(word, 0);
  }
  for (std::uint64_t& word : shared_info().evtchn_mask) {
    put(word, 0);
  }
  put(vcpu_info().evtchn_pending_sel, 0);
  put(vcpu_info().evtchn_upcall_pending, 0);
}

void Bench::conclude(std::string_view name, std::string_view promise, const char* departure) noexcept {
  if (failed_) {
    results_.diagnose(promise);
    results_.fail(name);
    return;
  }
  if (skipped_ != nullptr) {
    results_.skip(name, skipped_);
    return;
  }
  if (departure != nullptr) {
    results_.diagnose_format("Xen promises: %.*s", static_cast<int>(promise.size()), promise.data());
    results_.diagnose_format("Xen departs from its documents: %s", departure);
  }
  results_.pass(name);
}

report::Verdict run(Machine& machine, report::Line_sink& sink, std::string_view only) noexcept {
  report::Ktap ktap{sink};
  Bench bench{machine, ktap};
  for (const Subject* const subject : subjects()) {
    if (!only.empty() && subject->name != only) {
      continue;
    }
    for (const Case& one : subject->cases) {
      bench.next_case();
      bench.start_afresh();
      one.run(bench);
      bench.conclude(one.name, one.promise, one.departure);
    }
  }
  bench.start_afresh();
  ktap.diagnose_format("values: %lu", static_cast<unsigned long>(bench.values()));
  return ktap.finish();
}

}  // namespace enlighten::conformance
