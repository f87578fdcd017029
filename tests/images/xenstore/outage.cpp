// SPDX-License-Identifier: MIT
// xenstored killed, and started anew by somebody who makes this domain known to it.
#include <chrono>
#include <optional>
#include <string>

#include <runtime/log.hpp>

#include "../support/counter.hpp"
#include "xenstore.hpp"

namespace xenstore {
namespace {

using test::Case;

constexpr auto short_patience = std::chrono::seconds{1};

// Reads until the outcome is an error of another kind than `last`; nothing if none comes in time.
Task<std::optional<Error>> next_kind_of_error(Test& test, std::optional<Error_kind> last) {
  const runtime::Instant begun = runtime::Clock::now();
  while (runtime::Clock::now() - begun < 3 * test::patience) {
    const Result<std::string> name = co_await test.store.read("name").within(short_patience);
    if (!name && name.error().kind() != last) {
      co_return name.error();
    }
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{20});
  }
  co_return std::nullopt;
}

}  // namespace

Task<> outage(Test& test) {
  Case result{test.ktap, "xenstored that is gone, and one that begins anew behind our back, are errors in words"};
  if (!result.works(co_await test.store.write(ground / "ready", "1"), "that we are ready")) {
    co_return;
  }
  const std::optional<Error> gone = co_await next_kind_of_error(test, std::nullopt);
  if (!result.expect(gone.has_value(), "an error when there is no xenstored")) {
    co_return;
  }
  runtime::log("gone: ", *gone);
  const std::optional<Error> anew = co_await next_kind_of_error(test, gone->kind());
  if (!result.expect(anew.has_value(), "another error when there is one again")) {
    co_return;
  }
  runtime::log("anew: ", *anew);
  result.expect(anew->kind() == Error_kind::protocol, "it is about the ring");
  const Result<std::string> after = co_await test.store.read("name");
  result.expect(!after && after.error().kind() == Error_kind::protocol, "and stays, for whoever asks");
  const Result<runtime::Watch> watch = co_await test.store.watch(ground);
  result.expect(!watch && watch.error().kind() == Error_kind::protocol, "or would wait");
}

}  // namespace xenstore
