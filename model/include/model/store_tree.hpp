// SPDX-License-Identifier: MIT
// The nodes of a xenstore: values, permissions, and when each was changed last ([xen] misc/xenstore.txt).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <abi/errno.hpp>
#include <base/ids.hpp>

namespace enlighten::model {

struct Store_permission {
  Domain_id domain{0};
  char access = 'n';  // n, r, w or b
};

struct Store_node {
  std::string value;
  // Of the first, the owner, and what all others may do who are not listed.
  std::vector<Store_permission> permissions;
  // Of the whole store, when this node or the list of its children was changed last.
  std::uint64_t generation = 0;
};

enum class Store_right : std::uint8_t { read, write };

// Domain 0 may do anything, and has no quota.
class Store_tree {
 public:
  // xenstored's own for domains other than 0 ([xen] xenstored_core.c).
  static constexpr std::size_t most_nodes = 1000;
  static constexpr std::size_t largest_node = 2048;
  static constexpr std::size_t most_permissions = 5;

  Store_tree();

  // Whole names, that is_path() holds for.
  [[nodiscard]] static bool is_path(std::string_view path);

  // Nothing: it worked.
  using Refusal = std::optional<abi::Errno>;
  [[nodiscard]] Refusal read(Domain_id who, const std::string& path, std::string& value) const;
  [[nodiscard]] Refusal write(Domain_id who, const std::string& path, std::string_view value);
  [[nodiscard]] Refusal make(Domain_id who, const std::string& path);
  [[nodiscard]] Refusal remove(Domain_id who, const std::string& path);
  // Names with a 0 behind each.
  [[nodiscard]] Refusal list(Domain_id who, const std::string& path, std::string& names) const;
  [[nodiscard]] Refusal permissions(Domain_id who, const std::string& path,
                                    std::vector<Store_permission>& list) const;
  [[nodiscard]] Refusal set_permissions(Domain_id who, const std::string& path,
                                        const std::vector<Store_permission>& list);

  [[nodiscard]] bool may(Domain_id who, const std::string& path, Store_right right) const;
  // 0 of what is not there.
  [[nodiscard]] std::uint64_t generation(const std::string& path) const;

 private:
  [[nodiscard]] Refusal find(Domain_id who, const std::string& path, Store_right right,
                             const Store_node*& found) const;
  [[nodiscard]] Refusal reach(Domain_id who, const std::string& path);
  [[nodiscard]] std::string children(const std::string& path) const;
  [[nodiscard]] std::size_t size_of(const std::string& path) const;
  void touch(const std::string& path);

  std::map<std::string, Store_node> nodes_;
  std::uint64_t generation_ = 1;
};

// The node above; of the root the root.
[[nodiscard]] std::string parent_of(const std::string& path);
// `path` is `top` or below it.
[[nodiscard]] bool is_at_or_below(std::string_view path, std::string_view top);

}  // namespace enlighten::model
