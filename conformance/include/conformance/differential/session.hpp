// SPDX-License-Identifier: MIT
// A run of many programs, one after the other, in one domain: what is asked for, and what is told of it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <conformance/differential/step.hpp>
#include <conformance/differential/workers.hpp>
#include <conformance/machine.hpp>
#include <report/line.hpp>
#include <report/verdict.hpp>

namespace enlighten::conformance::differential {

// What programs run on: a domain of all_vcpus, of which the working ones serve, with vCPU 0 as the caller.
struct Setting {
  Machine& machine;
  Workers& workers;
  // All vCPUs'; Xen has been told of those of the working ones.
  std::array<abi::Vcpu_info*, all_vcpus> vcpu_infos;
};

enum class Detail : std::uint8_t { digests, memory };

// "seed=7 programs=100": an image finds it among its boot arguments, a program on its command line.
struct Request {
  std::uint64_t seed = 1;
  std::uint32_t programs = 100;
  std::uint32_t length = 30;
  // "3.1f,7.3": of program 3 the first five steps, of program 7 the first two; a bit a step, the first one lowest.
  // "3.1f.0": the same, all steps by vCPU 0. Empty: all of all programs.
  std::string_view only;
  Detail detail = Detail::digests;
  // Instead, and as KTAP: the programs that once showed a difference (conformance/differential/found.cpp).
  bool found = false;
};

inline constexpr std::string_view request_words[] = {"seed", "programs", "length", "only", "detail", "found"};

// One of those words' value. False if that cannot be: seed and programs are decimal numbers, length is at most
// most_steps, detail is "digests" or "memory", found is
// "yes" or "no".
[[nodiscard]] bool set(Request& request, std::string_view word, std::string_view value) noexcept;

// Lines: "d PROGRAM FIRST VALUES#DIGEST ...": of steps from FIRST on, what they answered and what was then to be
// seen in memory; "m PROGRAM WHAT VALUE": what is to be seen at the end; "t PROGRAM STEP TEXT": the step for
// people. PROGRAM counts what is run, from 0.
[[nodiscard]] report::Verdict run(const Setting& setting, report::Line_sink& sink, const Request& request) noexcept;

// The texts alone.
void tell(report::Line_sink& sink, const Request& request) noexcept;

}  // namespace enlighten::conformance::differential
