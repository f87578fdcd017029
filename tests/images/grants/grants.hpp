// SPDX-License-Identifier: MIT
// The parts of this test, each a few results, and what they share.
#pragma once

#include <report/ktap.hpp>
#include <runtime/grants.hpp>
#include <runtime/guest.hpp>
#include <runtime/task.hpp>
#include <tests/grants_meeting.hpp>

namespace grants {

using namespace enlighten;
using guest::Frame_access;
using runtime::Grants;
using runtime::Guest;

struct Test {
  Guest& guest;
  Grants& grants;
  report::Ktap& ktap;
  Domain_id own;
};

// No domain of ours has it, and no table so many frames.
inline constexpr Domain_id no_domain{99};
inline constexpr Grant_ref no_ref{64 * abi::grant_entries_per_frame};

// The domain is its own peer.
void pages(Test& test);
void rows(Test& test);
void copies(Test& test);
void refusals(Test& test);
void many(Test& test);
// On every vCPU at once.
runtime::Task<> busy(Test& test);
// Does what must not be done, and does not come back.
void store_to_read_only(Test& test);

// Two domains, each on its side.
runtime::Task<> granter(Test& test, Domain_id peer);
runtime::Task<> mapper(Test& test, Domain_id peer);
void kept_apart(Test& test, Domain_id peer);
runtime::Task<> from_linux(Test& test);

// Whether it came within patience. With the stage comes what the other wrote before it.
runtime::Task<bool> await_stage(std::byte* page, Stage wanted);

}  // namespace grants
