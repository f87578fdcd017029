// SPDX-License-Identifier: MIT
// xenstored in domain 0, and the part of a toolstack that lets domains find it ([xen] misc/xenstore.txt,
// misc/xenstore-ring.txt).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <abi/xenstore.hpp>
#include <model/domain.hpp>
#include <model/lock.hpp>
#include <model/store_malice.hpp>
#include <model/store_tree.hpp>

namespace enlighten::model {

// Works whenever a domain's event wakes it, on that domain's time, one domain after the other: the same requests in
// the same order always have the same answers.
class Xenstored {
 public:
  // Of domains other than 0.
  static constexpr std::size_t most_watches = 128;
  static constexpr std::size_t most_transactions = 10;

  // With `malice`, it is one that no client can rely on, and that blames none.
  explicit Xenstored(Turns& turns, std::optional<Store_malice> malice = {}) : turns_{turns}, malice_{malice} {}

  // As xl makes a domain: its nodes, its ring and port, its parameters. Before it runs.
  void introduce(Domain& domain, const std::string& name);

  // By domain 0, whose watches nobody needs here, at any time. False if it is refused.
  bool write(const std::string& path, std::string_view value);
  [[nodiscard]] std::optional<std::string> read(const std::string& path);
  bool set_permissions(const std::string& path, const std::vector<Store_permission>& list);

  // As if it had been killed and started: requests, transactions and watches are gone, and the rings are set back
  // without a word.
  void restart();

 private:
  struct Transaction {
    Store_tree start;
    Store_tree tree;
    // What it has looked at, and of which generation that was; and what it does when it ends well.
    std::map<std::string, std::uint64_t> seen;
    std::vector<std::pair<abi::Xsd_sockmsg, std::string>> changes;
  };
  struct Watch {
    std::string path;  // as it was named
    std::string token;
  };
  struct Connection {
    Connection(Domain& of, Port by, std::byte* at) : domain{of}, port{by}, page{at} {}

    Domain& domain;
    Port port;
    std::byte* page;
    std::string in;
    std::string out;
    std::map<std::uint32_t, Transaction> transactions;
    std::vector<Watch> watches;
    std::uint32_t next_transaction = 1;
  };
  // What is refused, or the reply's payload.
  struct Answer {
    std::optional<abi::Errno> refusal;
    // A refusal leaves it out.
    std::string payload = {};  // NOLINT(readability-redundant-member-init)
  };

  void serve(Connection& connection);
  [[nodiscard]] bool receive(Connection& connection);
  [[nodiscard]] bool send(Connection& connection);
  void send_to_all();
  void reset(Connection& connection);
  void distrust(Connection& connection, const std::string& mistake);
  void queue(Connection& connection, abi::Xs_type type, const abi::Xsd_sockmsg& to, std::string_view payload);
  void handle(Connection& connection, const abi::Xsd_sockmsg& header, const std::string& payload);
  [[nodiscard]] Answer answer(Connection& connection, const abi::Xsd_sockmsg& header, const std::string& payload);
  [[nodiscard]] static Answer on_nodes(Store_tree& tree, Domain_id who, abi::Xs_type type, const std::string& path,
                                       const std::string& rest);
  [[nodiscard]] Answer start(Connection& connection, std::uint32_t within);
  [[nodiscard]] Answer end(Connection& connection, std::uint32_t which, bool commit);
  [[nodiscard]] Answer watch(Connection& connection, const std::string& path, const std::string& token);
  [[nodiscard]] Answer unwatch(Connection& connection, const std::string& path, const std::string& token);
  void fire(abi::Xs_type by, const std::string& path);
  [[nodiscard]] std::uint32_t word(Connection& connection, std::size_t offset);
  void set_word(Connection& connection, std::size_t offset, std::uint32_t value);

  Turns& turns_;
  std::optional<Store_malice> malice_;
  Lock lock_;
  Store_tree tree_;
  std::map<Domain_id, std::unique_ptr<Connection>> connections_;
};

}  // namespace enlighten::model
