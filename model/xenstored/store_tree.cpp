// SPDX-License-Identifier: MIT
// Finds and changes nodes, in xenstored's order of checks.
#include <model/store_tree.hpp>

#include <algorithm>

namespace enlighten::model {
namespace {

using abi::Errno;

constexpr Domain_id control_domain{0};

bool grants(char access, Store_right right) {
  return access == 'b' || access == (right == Store_right::read ? 'r' : 'w');
}

bool allows(const Store_node& node, Domain_id who, Store_right right) {
  if (who == control_domain || node.permissions.front().domain == who) {
    return true;
  }
  for (std::size_t index = 1; index < node.permissions.size(); ++index) {
    if (node.permissions[index].domain == who) {
      return grants(node.permissions[index].access, right);
    }
  }
  return grants(node.permissions.front().access, right);
}

}  // namespace

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool is_at_or_below(std::string_view path, std::string_view top) {
  return path.starts_with(top) && (path.size() == top.size() || top == "/" || path[top.size()] == '/');
}

Store_tree::Store_tree() {
  nodes_["/"] = {.value = "", .permissions = {{control_domain, 'r'}}, .generation = generation_};
}

bool Store_tree::is_path(std::string_view path) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/_@";
  constexpr std::size_t longest = 3072;
  return path == "/" ||
         (path.starts_with('/') && !path.ends_with('/') && path.size() <= longest &&
          path.find("//") == std::string_view::npos && path.find_first_not_of(allowed) == std::string_view::npos);
}

Store_tree::Refusal Store_tree::find(Domain_id who, const std::string& path, Store_right right,
                                     const Store_node*& found) const {
  const auto node = nodes_.find(path);
  if (node != nodes_.end()) {
    found = &node->second;
    return allows(node->second, who, right) ? std::nullopt : Refusal{Errno::eacces};
  }
  // That there is nothing is told to those who may look at what is nearest above.
  for (std::string above = parent_of(path);; above = parent_of(above)) {
    const auto nearest = nodes_.find(above);
    if (nearest != nodes_.end()) {
      return allows(nearest->second, who, right) ? Errno::enoent : Errno::eacces;
    }
  }
}

bool Store_tree::may(Domain_id who, const std::string& path, Store_right right) const {
  const Store_node* node = nullptr;
  return find(who, path, right, node) != Errno::eacces;
}

std::uint64_t Store_tree::generation(const std::string& path) const {
  const auto node = nodes_.find(path);
  return node == nodes_.end() ? 0 : node->second.generation;
}

void Store_tree::touch(const std::string& path) {
  nodes_.at(path).generation = ++generation_;
}

std::string Store_tree::children(const std::string& path) const {
  const std::string prefix = path == "/" ? path : path + '/';
  std::string names;
  for (auto node = nodes_.lower_bound(prefix); node != nodes_.end() && node->first.starts_with(prefix); ++node) {
    const std::string_view rest = std::string_view{node->first}.substr(prefix.size());
    if (!rest.empty() && rest.find('/') == std::string_view::npos) {
      names += rest;
      names += '\0';
    }
  }
  return names;
}

std::size_t Store_tree::size_of(const std::string& path) const {
  const Store_node& node = nodes_.at(path);
  return node.value.size() + children(path).size() + node.permissions.size() * sizeof(std::uint64_t);
}

// Makes the node and all that are missing above it, each with what its parent has.
Store_tree::Refusal Store_tree::reach(Domain_id who, const std::string& path) {
  const Store_node* node = nullptr;
  const Refusal refusal = find(who, path, Store_right::write, node);
  if (refusal != Errno::enoent) {
    return refusal;
  }
  const std::string above = parent_of(path);
  if (!nodes_.contains(above)) {
    if (const Refusal failed = reach(who, above)) {
      return failed;
    }
  }
  const auto owned = std::ranges::count_if(
      nodes_, [who](const auto& one) { return one.second.permissions.front().domain == who; });
  const std::size_t name = path.size() - path.rfind('/');
  if (who != control_domain &&
      (static_cast<std::size_t>(owned) >= most_nodes || size_of(above) + name > largest_node)) {
    return Errno::enospc;
  }
  Store_node made{.value = "", .permissions = nodes_.at(above).permissions};
  if (who != control_domain) {
    made.permissions.front().domain = who;
  }
  nodes_[path] = made;
  touch(path);
  touch(above);
  return std::nullopt;
}

Store_tree::Refusal Store_tree::read(Domain_id who, const std::string& path, std::string& value) const {
  const Store_node* node = nullptr;
  const Refusal refusal = find(who, path, Store_right::read, node);
  if (!refusal) {
    value = node->value;
  }
  return refusal;
}

Store_tree::Refusal Store_tree::write(Domain_id who, const std::string& path, std::string_view value) {
  if (const Refusal refusal = reach(who, path)) {
    return refusal;
  }
  Store_node& node = nodes_.at(path);
  if (who != control_domain && size_of(path) - node.value.size() + value.size() > largest_node) {
    return Errno::enospc;
  }
  node.value = value;
  touch(path);
  return std::nullopt;
}

Store_tree::Refusal Store_tree::make(Domain_id who, const std::string& path) {
  return reach(who, path);
}

Store_tree::Refusal Store_tree::remove(Domain_id who, const std::string& path) {
  const Store_node* node = nullptr;
  const Refusal refusal = find(who, path, Store_right::write, node);
  if (refusal == Errno::enoent && nodes_.contains(parent_of(path))) {
    return std::nullopt;
  }
  if (refusal || path == "/") {
    return refusal ? refusal : Errno::einval;
  }
  for (auto below = nodes_.lower_bound(path); below != nodes_.end() && below->first.starts_with(path);) {
    below = is_at_or_below(below->first, path) ? nodes_.erase(below) : std::next(below);
  }
  touch(parent_of(path));
  return std::nullopt;
}

Store_tree::Refusal Store_tree::list(Domain_id who, const std::string& path, std::string& names) const {
  const Store_node* node = nullptr;
  const Refusal refusal = find(who, path, Store_right::read, node);
  if (!refusal) {
    names = children(path);
  }
  return refusal;
}

Store_tree::Refusal Store_tree::permissions(Domain_id who, const std::string& path,
                                            std::vector<Store_permission>& list) const {
  const Store_node* node = nullptr;
  const Refusal refusal = find(who, path, Store_right::read, node);
  if (!refusal) {
    list = node->permissions;
  }
  return refusal;
}

Store_tree::Refusal Store_tree::set_permissions(Domain_id who, const std::string& path,
                                                const std::vector<Store_permission>& list) {
  if (list.size() > most_permissions) {
    return Errno::enospc;
  }
  const Store_node* node = nullptr;
  if (const Refusal refusal = find(who, path, Store_right::write, node)) {
    return refusal;
  }
  // Who may write may not give away what belongs to another.
  if (who != control_domain && (node->permissions.front().domain != who || list.front().domain != who)) {
    return Errno::eperm;
  }
  nodes_.at(path).permissions = list;
  touch(path);
  return std::nullopt;
}

}  // namespace enlighten::model
