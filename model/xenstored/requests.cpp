// SPDX-License-Identifier: MIT
// What each request does, in a transaction and without, and who is told of it.
#include <array>
#include <charconv>
#include <string_view>

#include <model/xenstored.hpp>

namespace enlighten::model {
namespace {

using abi::Errno;
using abi::Xs_type;

std::string done() {
  return {"OK\0", 3};
}

std::string with_end(std::string text) {
  text += '\0';
  return text;
}

std::string domain_directory(Domain_id domain) {
  return "/local/domain/" + std::to_string(domain.value());
}

// The name on the wire: of the phrase for an errno what stands before the colon.
std::string wire_name(Errno number) {
  const std::string_view phrase = abi::errno_name(number);
  return with_end(std::string{phrase.substr(0, phrase.find(':'))});
}

bool changes_nodes(Xs_type type) {
  return type == Xs_type::write || type == Xs_type::mkdir || type == Xs_type::rm || type == Xs_type::set_perms;
}

std::optional<std::vector<Store_permission>> parse_permissions(std::string_view list) {
  std::vector<Store_permission> permissions;
  while (!list.empty()) {
    const std::string_view one = list.substr(0, list.find('\0'));
    std::uint16_t domain = 0;
    if (one.size() < 2 || std::string_view{"nrwb"}.find(one[0]) == std::string_view::npos ||
        std::from_chars(one.data() + 1, one.data() + one.size(), domain).ptr != one.data() + one.size()) {
      return std::nullopt;
    }
    permissions.push_back({Domain_id{domain}, one[0]});
    list.remove_prefix(std::min(list.size(), one.size() + 1));
  }
  return permissions.empty() ? std::nullopt : std::optional{permissions};
}

}  // namespace

void Xenstored::handle(Connection& connection, const abi::Xsd_sockmsg& header, const std::string& payload) {
  const Answer reply = answer(connection, header, payload);
  if (reply.refusal) {
    queue(connection, Xs_type::error, header, wire_name(*reply.refusal));
    return;
  }
  queue(connection, header.type, header, reply.payload);
  if (header.type == Xs_type::watch) {
    // Once unasked for.
    const Watch& watch = connection.watches.back();
    queue(connection, Xs_type::watch_event, {}, with_end(watch.path) + with_end(watch.token));
  }
}

Xenstored::Answer Xenstored::answer(Connection& connection, const abi::Xsd_sockmsg& header,
                                    const std::string& payload) {
  const std::size_t end = payload.find('\0');
  if (end == std::string::npos) {
    return {Errno::einval};
  }
  const std::string first = payload.substr(0, end);
  const std::string rest = payload.substr(end + 1);
  switch (header.type) {
    case Xs_type::transaction_start:
      return start(connection, header.tx_id);
    case Xs_type::transaction_end:
      return first == "T" || first == "F" ? this->end(connection, header.tx_id, first == "T")
                                          : Answer{Errno::einval};
    case Xs_type::watch:
    case Xs_type::unwatch: {
      const std::string token = rest.substr(0, rest.find('\0'));
      return header.type == Xs_type::watch ? watch(connection, first, token) : unwatch(connection, first, token);
    }
    case Xs_type::reset_watches:
      connection.watches.clear();
      connection.transactions.clear();
      return {.refusal = std::nullopt, .payload = done()};
    case Xs_type::get_domain_path:
      return {.refusal = std::nullopt, .payload = with_end("/local/domain/" + first)};
    case Xs_type::control:
    case Xs_type::introduce:
    case Xs_type::release:
    case Xs_type::resume:
    case Xs_type::set_target:
    case Xs_type::is_domain_introduced:
      return {Errno::eacces};
    case Xs_type::read:
    case Xs_type::directory:
    case Xs_type::directory_part:
    case Xs_type::get_perms:
    case Xs_type::write:
    case Xs_type::mkdir:
    case Xs_type::rm:
    case Xs_type::set_perms:
      break;
    default:
      return {Errno::enosys};
  }
  const Domain_id who = connection.domain.id();
  const std::string path = first.starts_with('/') ? first : domain_directory(who) + '/' + first;
  if (!Store_tree::is_path(path) || (header.type != Xs_type::write && payload.back() != '\0')) {
    return {Errno::einval};
  }
  if (header.tx_id == 0) {
    Answer reply = on_nodes(tree_, who, header.type, path, rest);
    if (!reply.refusal && changes_nodes(header.type)) {
      fire(header.type, path);
    }
    return reply;
  }
  const auto found = connection.transactions.find(header.tx_id);
  if (found == connection.transactions.end()) {
    return {Errno::enoent};
  }
  Transaction& transaction = found->second;
  transaction.seen.try_emplace(path, transaction.start.generation(path));
  Answer reply = on_nodes(transaction.tree, who, header.type, path, rest);
  if (!reply.refusal && changes_nodes(header.type)) {
    transaction.changes.emplace_back(header, with_end(path) + rest);
  }
  return reply;
}

Xenstored::Answer Xenstored::on_nodes(Store_tree& tree, Domain_id who, Xs_type type, const std::string& path,
                                      const std::string& rest) {
  Answer reply{.refusal = std::nullopt, .payload = done()};
  switch (type) {
    case Xs_type::read:
      reply.refusal = tree.read(who, path, reply.payload);
      break;
    case Xs_type::write:
      reply.refusal = tree.write(who, path, rest);
      break;
    case Xs_type::mkdir:
      reply.refusal = tree.make(who, path);
      break;
    case Xs_type::rm:
      reply.refusal = tree.remove(who, path);
      break;
    case Xs_type::directory:
      reply.refusal = tree.list(who, path, reply.payload);
      if (!reply.refusal && reply.payload.size() > abi::xenstore_payload_max) {
        reply.refusal = Errno::e2big;
      }
      break;
    case Xs_type::directory_part: {
      std::string names;
      std::size_t offset = 0;
      std::from_chars(rest.data(), rest.data() + rest.size(), offset);
      reply.refusal = tree.list(who, path, names);
      reply.payload = with_end(std::to_string(tree.generation(path)));
      // Whole names, as many as fit; the end of the list is an empty one.
      const std::size_t room = abi::xenstore_payload_max - reply.payload.size() - 1;
      std::size_t end = std::min(offset, names.size());
      const std::size_t begin = end;
      for (std::size_t next = end; next < names.size() && next - begin <= room;) {
        next = names.find('\0', next) + 1;
        end = next - begin <= room ? next : end;
      }
      reply.payload += names.substr(begin, end - begin);
      if (end == names.size()) {
        reply.payload += '\0';
      }
      break;
    }
    case Xs_type::get_perms: {
      std::vector<Store_permission> list;
      reply.refusal = tree.permissions(who, path, list);
      reply.payload.clear();
      for (const Store_permission& one : list) {
        reply.payload += with_end(one.access + std::to_string(one.domain.value()));
      }
      break;
    }
    default: {
      const auto list = parse_permissions(rest);
      reply.refusal = list ? tree.set_permissions(who, path, *list) : Errno::einval;
      break;
    }
  }
  return reply;
}

Xenstored::Answer Xenstored::start(Connection& connection, std::uint32_t within) {
  if (within != 0) {
    return {Errno::ebusy};
  }
  if (connection.transactions.size() >= most_transactions) {
    return {Errno::enospc};
  }
  const std::uint32_t id = connection.next_transaction++;
  connection.transactions[id] = {.start = tree_, .tree = tree_, .seen = {}, .changes = {}};
  return {.refusal = std::nullopt, .payload = with_end(std::to_string(id))};
}

Xenstored::Answer Xenstored::end(Connection& connection, std::uint32_t which, bool commit) {
  const auto found = connection.transactions.find(which);
  if (found == connection.transactions.end()) {
    return {Errno::enoent};
  }
  const Transaction transaction = std::move(found->second);
  connection.transactions.erase(found);
  if (!commit) {
    return {.refusal = std::nullopt, .payload = done()};
  }
  for (const auto& [path, generation] : transaction.seen) {
    if (tree_.generation(path) != generation) {
      return {Errno::eagain};
    }
  }
  for (const auto& [header, payload] : transaction.changes) {
    const std::size_t at = payload.find('\0');
    const std::string path = payload.substr(0, at);
    if (!on_nodes(tree_, connection.domain.id(), header.type, path, payload.substr(at + 1)).refusal) {
      fire(header.type, path);
    }
  }
  return {.refusal = std::nullopt, .payload = done()};
}

Xenstored::Answer Xenstored::watch(Connection& connection, const std::string& path, const std::string& token) {
  const std::string whole = path.starts_with('/') ? path : domain_directory(connection.domain.id()) + '/' + path;
  if (!path.starts_with('@') && !Store_tree::is_path(whole)) {
    return {Errno::einval};
  }
  for (const Watch& one : connection.watches) {
    if (one.path == path && one.token == token) {
      return {Errno::eexist};
    }
  }
  if (connection.watches.size() >= most_watches) {
    return {Errno::e2big};
  }
  connection.watches.push_back({path, token});
  return {.refusal = std::nullopt, .payload = done()};
}

Xenstored::Answer Xenstored::unwatch(Connection& connection, const std::string& path, const std::string& token) {
  const auto same = [&](const Watch& one) { return one.path == path && one.token == token; };
  return std::erase_if(connection.watches, same) == 0 ? Answer{Errno::enoent}
                                                      : Answer{.refusal = std::nullopt, .payload = done()};
}

// Whoever watches the node or one above it; and where it goes with all below, those too who watch something there.
void Xenstored::fire(Xs_type by, const std::string& path) {
  for (auto& [domain, connection] : connections_) {
    const std::string own = domain_directory(domain) + '/';
    for (const Watch& watch : connection->watches) {
      const bool is_relative = !watch.path.starts_with('/');
      const std::string watched = is_relative ? own + watch.path : watch.path;
      std::string told;
      if (is_at_or_below(path, watched)) {
        told = path;
      } else if (by == Xs_type::rm && is_at_or_below(watched, path)) {
        told = watched;
      }
      if (!told.empty() && tree_.may(domain, told, Store_right::read)) {
        queue(*connection, Xs_type::watch_event, {},
              with_end(is_relative ? told.substr(own.size()) : told) + with_end(watch.token));
      }
    }
  }
}

}  // namespace enlighten::model
