// SPDX-License-Identifier: MIT
// The rings: messages in, replies and events out; and domains that are given one.
#include <model/xenstored.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace enlighten::model {
namespace {

using abi::Xs_type;

constexpr Domain_id control_domain{0};
constexpr std::uint32_t ring_size = sizeof(abi::Xenstore_ring::req);

std::uint8_t* byte_at(Domain& domain, std::byte* page, std::size_t offset) {
  return static_cast<std::uint8_t*>(domain.guest_view(page + offset));
}

}  // namespace

// Relaxed access to bytes, acquire and release of indices: what the guest has to do as well.
std::uint32_t Xenstored::word(Connection& connection, std::size_t offset) {
  auto* const at = reinterpret_cast<std::uint32_t*>(byte_at(connection.domain, connection.page, offset));
  turns_.step(at);
  return std::atomic_ref{*at}.load(std::memory_order_acquire);
}

void Xenstored::set_word(Connection& connection, std::size_t offset, std::uint32_t value) {
  auto* const at = reinterpret_cast<std::uint32_t*>(byte_at(connection.domain, connection.page, offset));
  turns_.step(at);
  std::atomic_ref{*at}.store(value, std::memory_order_release);
}

void Xenstored::introduce(Domain& domain, const std::string& name) {
  const Lock_guard guard{lock_, turns_};
  // The last page of the domain's space: xl's own place for it is none of the model's addresses.
  constexpr std::uint64_t frames = Physical_map::most_frames;
  const abi::Gfn frame{abi::gfn_of(domain.ram_base()).value() + frames - 1};
  const Mfn page = domain.allocate_frame();
  domain.place(frame, page, Access::read_write);
  domain.pin(frame, "xenstored's ring");
  auto& slot = connections_[domain.id()];
  const std::optional<Port> port = domain.events().connect_program([this, &slot] { serve(*slot); });
  if (!port) {
    std::fputs("enlighten: the domain has no port left for xenstored\n", stderr);
    std::abort();
  }
  slot = std::make_unique<Connection>(domain, *port, domain.bytes(page));
  // Somewhere, as a guest must not think that they begin at 0.
  constexpr std::uint32_t somewhere = 0xffff'fe00;
  auto& ring = *new (slot->page) abi::Xenstore_ring;
  ring.req_cons = ring.req_prod = ring.rsp_cons = ring.rsp_prod = somewhere + domain.id().value();
  ring.server_features = abi::xenstore_feature_reconnection | abi::xenstore_feature_error;
  domain.set_parameter(abi::Hvm_param::store_pfn, frame.value());
  domain.set_parameter(abi::Hvm_param::store_evtchn, port->value());

  const std::string number = std::to_string(domain.id().value());
  const std::string top = "/local/domain/" + number;
  const auto make = [&](const std::string& path, const std::string& value, Store_permission owner,
                        std::optional<Store_permission> other) {
    std::vector<Store_permission> permissions{owner};
    if (other) {
      permissions.push_back(*other);
    }
    if (tree_.write(control_domain, path, value) || tree_.set_permissions(control_domain, path, permissions)) {
      std::abort();
    }
  };
  const Store_permission readable{domain.id(), 'r'};
  make(top, "", {control_domain, 'n'}, readable);
  make(top + "/name", name, {control_domain, 'n'}, readable);
  make(top + "/domid", number, {control_domain, 'n'}, readable);
  for (std::uint32_t vcpu = 0; vcpu < domain.vcpus(); ++vcpu) {
    make(top + "/cpu/" + std::to_string(vcpu) + "/availability", "online", {control_domain, 'n'}, readable);
  }
  make(top + "/memory/target", std::to_string(domain.ram_size() >> 10U), {control_domain, 'n'}, readable);
  make(top + "/control/shutdown", "", {domain.id(), 'n'}, std::nullopt);
  make(top + "/data", "", {domain.id(), 'n'}, std::nullopt);
}

bool Xenstored::write(const std::string& path, std::string_view value) {
  const Lock_guard guard{lock_, turns_};
  if (tree_.write(control_domain, path, value)) {
    return false;
  }
  fire(Xs_type::write, path);
  send_to_all();
  return true;
}

bool Xenstored::set_permissions(const std::string& path, const std::vector<Store_permission>& list) {
  const Lock_guard guard{lock_, turns_};
  if (tree_.set_permissions(control_domain, path, list)) {
    return false;
  }
  fire(Xs_type::set_perms, path);
  send_to_all();
  return true;
}

void Xenstored::restart() {
  const Lock_guard guard{lock_, turns_};
  for (auto& [domain, connection] : connections_) {
    reset(*connection);
    connection->domain.events().raise_from_program(connection->port);
  }
}

std::optional<std::string> Xenstored::read(const std::string& path) {
  const Lock_guard guard{lock_, turns_};
  std::string value;
  return tree_.read(control_domain, path, value) ? std::nullopt : std::optional{value};
}

void Xenstored::serve(Connection& connection) {
  const Lock_guard guard{lock_, turns_};
  const auto wanted = static_cast<std::uint32_t>(abi::Xenstore_connection::reconnect);
  if (word(connection, offsetof(abi::Xenstore_ring, connection)) == wanted) {
    reset(connection);
    connection.domain.events().raise_from_program(connection.port);
    return;
  }
  if (receive(connection)) {
    connection.domain.events().raise_from_program(connection.port);
  }
  send_to_all();
}

// What one domain has changed, another one may watch.
void Xenstored::send_to_all() {
  for (auto& [domain, connection] : connections_) {
    if (send(*connection)) {
      connection->domain.events().raise_from_program(connection->port);
    }
  }
}

void Xenstored::reset(Connection& connection) {
  connection.in.clear();
  connection.out.clear();
  connection.transactions.clear();
  connection.watches.clear();
  for (const std::size_t offset : {offsetof(abi::Xenstore_ring, req_cons), offsetof(abi::Xenstore_ring, req_prod),
                                   offsetof(abi::Xenstore_ring, rsp_cons), offsetof(abi::Xenstore_ring, rsp_prod),
                                   offsetof(abi::Xenstore_ring, error)}) {
    set_word(connection, offset, 0);
  }
  set_word(connection, offsetof(abi::Xenstore_ring, connection),
           static_cast<std::uint32_t>(abi::Xenstore_connection::connected));
}

// A guest that leaves the ring in a state that cannot be, or sends what is too long, has made a mistake; unless it
// is we who made the ring what it is. Then what is in it counts for nothing.
void Xenstored::distrust(Connection& connection, const std::string& mistake) {
  if (!malice_) {
    connection.domain.blame_guest(mistake);
    return;
  }
  connection.in.clear();
  set_word(connection, offsetof(abi::Xenstore_ring, req_cons),
           word(connection, offsetof(abi::Xenstore_ring, req_prod)));
  set_word(connection, offsetof(abi::Xenstore_ring, rsp_prod),
           word(connection, offsetof(abi::Xenstore_ring, rsp_cons)));
}

// True if the ring was changed.
bool Xenstored::receive(Connection& connection) {
  const std::uint32_t end = word(connection, offsetof(abi::Xenstore_ring, req_prod));
  std::uint32_t at = word(connection, offsetof(abi::Xenstore_ring, req_cons));
  if (end - at > ring_size) {
    distrust(connection, "its requests in xenstored's ring are more than the ring holds");
    return false;
  }
  const bool any = at != end;
  for (; at != end; ++at) {
    std::uint8_t& byte =
        *byte_at(connection.domain, connection.page, offsetof(abi::Xenstore_ring, req) + at % ring_size);
    connection.in += static_cast<char>(std::atomic_ref{byte}.load(std::memory_order_relaxed));
  }
  set_word(connection, offsetof(abi::Xenstore_ring, req_cons), at);
  for (abi::Xsd_sockmsg header; connection.in.size() >= sizeof header;) {
    std::memcpy(&header, connection.in.data(), sizeof header);
    if (header.len > abi::xenstore_payload_max) {
      distrust(connection, "it sends xenstored a message of " + std::to_string(header.len) +
                               " bytes, which breaks the connection");
      return any;
    }
    if (connection.in.size() < sizeof header + header.len) {
      break;
    }
    const std::string payload = connection.in.substr(sizeof header, header.len);
    connection.in.erase(0, sizeof header + header.len);
    handle(connection, header, payload);
  }
  return any;
}

// True if the ring was changed.
bool Xenstored::send(Connection& connection) {
  if (connection.out.empty()) {
    return false;
  }
  const std::uint32_t taken = word(connection, offsetof(abi::Xenstore_ring, rsp_cons));
  std::uint32_t at = word(connection, offsetof(abi::Xenstore_ring, rsp_prod));
  if (at - taken > ring_size) {
    distrust(connection, "it has read replies of xenstored's that were never sent");
    return false;
  }
  std::size_t count = 0;
  for (; count < connection.out.size() && at - taken < ring_size; ++count, ++at) {
    std::uint8_t& byte =
        *byte_at(connection.domain, connection.page, offsetof(abi::Xenstore_ring, rsp) + at % ring_size);
    std::atomic_ref{byte}.store(static_cast<std::uint8_t>(connection.out[count]), std::memory_order_relaxed);
  }
  connection.out.erase(0, count);
  set_word(connection, offsetof(abi::Xenstore_ring, rsp_prod), at);
  if (const auto spoilt = malice_ ? malice_->spoil_ring() : std::nullopt) {
    set_word(connection, spoilt->offset, spoilt->value);
  }
  return count != 0;
}

void Xenstored::queue(Connection& connection, Xs_type type, const abi::Xsd_sockmsg& to, std::string_view payload) {
  const abi::Xsd_sockmsg header{
      .type = type, .req_id = to.req_id, .tx_id = to.tx_id, .len = static_cast<std::uint32_t>(payload.size())};
  std::string message{reinterpret_cast<const char*>(&header), sizeof header};
  message += payload;
  if (malice_) {
    malice_->spoil(message);
  }
  connection.out += message;
}

}  // namespace enlighten::model
