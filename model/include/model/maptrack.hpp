// SPDX-License-Identifier: MIT
// The mapping side of a grant table: which grants of others a domain has mapped where, each under its handle.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include <abi/frame.hpp>
#include <abi/grant_table.hpp>
#include <base/ids.hpp>
#include <model/domain_view.hpp>
#include <model/lock.hpp>

namespace enlighten::model {

class Maptrack {
 public:
  struct Mapping {
    Domain_id granter;
    Grant_ref ref;
    abi::Gfn at;
    Mfn frame;
    Access access;
  };

  Maptrack(Domain_view& owner, std::uint32_t most) : owner_{owner}, most_{most} {}

  // A handle of nothing yet; nothing when all are taken.
  [[nodiscard]] std::optional<abi::Grant_handle> reserve();
  // Gives back a handle that has no mapping (any more).
  void give_back(abi::Grant_handle handle);

  void track(abi::Grant_handle handle, const Mapping& mapping);
  // The mapping, which from here on only the caller knows: of two that undo it one is first.
  [[nodiscard]] std::optional<Mapping> take(abi::Grant_handle handle);

  // Any one of them, likewise; its handle is not used again.
  [[nodiscard]] std::optional<Mapping> take_any();

  [[nodiscard]] std::optional<Mapping> find_at(abi::Gfn at);
  [[nodiscard]] bool maps(Mfn frame);
  [[nodiscard]] std::vector<abi::Gfn> mapped_read_only();

 private:
  Domain_view& owner_;
  std::uint32_t most_;
  Lock lock_;
  std::vector<std::optional<Mapping>> mappings_;
  // Taken from the front: a handle rests as long as can be before it names something else.
  std::deque<abi::Grant_handle> free_;
};

}  // namespace enlighten::model
