// SPDX-License-Identifier: MIT
// The parts of this test.
#pragma once

#include <report/ktap.hpp>
#include <runtime/guest.hpp>
#include <runtime/task.hpp>
#include <runtime/xenstore.hpp>

#include "../support/case.hpp"

namespace xenstore {

using namespace enlighten;
using runtime::own_domain;
using runtime::Store;
using runtime::Task;
using runtime::Xenstore_path;

struct Test {
  runtime::Guest& guest;
  report::Ktap& ktap;
  Store& store;
  // Of all operations of the crowd together.
  std::uint64_t operations;
  // Somebody outside writes to `rival` all the time, until `done` is there.
  bool has_rival;
};

// Where a guest of xl's may write.
inline constexpr Xenstore_path ground = own_domain / "data";
inline constexpr Xenstore_path rival = ground / "rival";
inline constexpr Xenstore_path done = ground / "done";

Task<> who_we_are(Test& test);
Task<> nodes(Test& test);
Task<> refusals(Test& test);
Task<> permissions(Test& test);
Task<> quota(Test& test);
Task<> watch(Test& test);
Task<> transaction_that_fails(Test& test);

Task<> crowd(Test& test);
Task<> counting(Test& test);
Task<> against_rival(Test& test);
// Instead of all others.
Task<> outage(Test& test);

// In place of all the others, where xenstored is hostile.
Task<> storm(Test& test);

}  // namespace xenstore
