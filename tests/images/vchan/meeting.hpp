// SPDX-License-Identifier: MIT
// How two domains without xenstore find each other: at the first reference of the server's table.
#pragma once

#include <base/ids.hpp>
#include <guest/granted.hpp>
#include <runtime/grants.hpp>
#include <runtime/task.hpp>
#include <runtime/vchan.hpp>

namespace vchan {

using namespace enlighten;

// The server's page. Its grant must be the table's first, so it is made before any vchan.
class Meeting {
 public:
  [[nodiscard]] static Result<Meeting> hold(runtime::Grants& grants, Domain_id client);
  // For the client to find: the session `number`, counted from 1.
  void announce(std::uint32_t number, runtime::Vchan_handover handover) noexcept;

  // By a client: waits until the server has announced session `number`, and no longer than a minute.
  [[nodiscard]] static runtime::Task<Result<runtime::Vchan_handover>> attend(runtime::Grants& grants,
                                                                             Domain_id server,
                                                                             std::uint32_t number);

 private:
  explicit Meeting(guest::Granted_page page) noexcept : page_{std::move(page)} {}
  guest::Granted_page page_;
};

}  // namespace vchan
