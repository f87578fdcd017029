// SPDX-License-Identifier: MIT
// The page by which a domain and xenstored exchange messages, and what stands before each message ([xen]
// io/xs_wire.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlighten::abi {

// XS_*. A reply has the type of its request, or `error`.
enum class Xs_type : std::uint32_t {
  control = 0,
  directory = 1,
  read = 2,
  get_perms = 3,
  watch = 4,
  unwatch = 5,
  transaction_start = 6,
  transaction_end = 7,
  introduce = 8,
  release = 9,
  get_domain_path = 10,
  write = 11,
  mkdir = 12,
  rm = 13,
  set_perms = 14,
  watch_event = 15,
  error = 16,
  is_domain_introduced = 17,
  resume = 18,
  set_target = 19,
  reset_watches = 21,
  directory_part = 22,
};

struct Xsd_sockmsg {
  Xs_type type = Xs_type::control;
  std::uint32_t req_id = 0;  // chosen by who asks, and given back with the reply
  std::uint32_t tx_id = 0;   // 0: in no transaction
  std::uint32_t len = 0;     // bytes that follow
};
static_assert(sizeof(Xsd_sockmsg) == 16);
static_assert(offsetof(Xsd_sockmsg, req_id) == 4);
static_assert(offsetof(Xsd_sockmsg, tx_id) == 8);
static_assert(offsetof(Xsd_sockmsg, len) == 12);

// Bytes behind a message's header. xenstored breaks the connection to who sends more.
inline constexpr std::size_t xenstore_payload_max = 4096;
// Characters of a path, of one that begins with a slash and of one that is relative to the domain's own.
inline constexpr std::size_t xenstore_abs_path_max = 3072;
inline constexpr std::size_t xenstore_rel_path_max = 2048;

// Xenstore_ring::server_features.
inline constexpr std::uint32_t xenstore_feature_reconnection = 1;
inline constexpr std::uint32_t xenstore_feature_error = 2;

// Xenstore_ring::connection.
enum class Xenstore_connection : std::uint32_t {
  connected = 0,
  reconnect = 1,  // set to ask for it; xenstored sets it back once both directions are empty
};

// Xenstore_ring::error; newer ones may have further values.
enum class Xenstore_error : std::uint32_t {
  none = 0,
  communication = 1,  // the event channel does not work
  ring_index = 2,     // indices that cannot be
  protocol = 3,       // a message that is too long
};

// Indices count bytes and wrap at 2^32; they need not begin at 0. A place is an index modulo the ring's size, a
// power of two. The producer of each direction writes its `prod`, the consumer its `cons`.
struct Xenstore_ring {
  std::uint8_t req[1024] = {};  // from the domain
  std::uint8_t rsp[1024] = {};  // to the domain: replies, and events of watches
  std::uint32_t req_cons = 0;
  std::uint32_t req_prod = 0;
  std::uint32_t rsp_cons = 0;
  std::uint32_t rsp_prod = 0;
  std::uint32_t server_features = 0;
  std::uint32_t connection = 0;
  std::uint32_t error = 0;
};
static_assert(sizeof(Xenstore_ring) == 2076);
static_assert(offsetof(Xenstore_ring, rsp) == 1024);
static_assert(offsetof(Xenstore_ring, req_cons) == 2048);
static_assert(offsetof(Xenstore_ring, req_prod) == 2052);
static_assert(offsetof(Xenstore_ring, rsp_cons) == 2056);
static_assert(offsetof(Xenstore_ring, rsp_prod) == 2060);
static_assert(offsetof(Xenstore_ring, server_features) == 2064);
static_assert(offsetof(Xenstore_ring, connection) == 2068);
static_assert(offsetof(Xenstore_ring, error) == 2072);

}  // namespace enlighten::abi
