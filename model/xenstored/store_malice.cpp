// SPDX-License-Identifier: MIT
// What can be wrong with a message, and with the words around the ring.
#include <model/store_malice.hpp>

#include <array>
#include <cstring>

namespace enlighten::model {
namespace {

// Within this of what is right, a wrong number is taken for another request's.
constexpr std::uint32_t near = 70;

}  // namespace

void Store_malice::add_garbage(std::string& message) {
  for (std::uint32_t left = any() % 64; left != 0; --left) {
    message += static_cast<char>(any());
  }
}

void Store_malice::spoil(std::string& message) {
  if (!one_in(8)) {
    return;
  }
  abi::Xsd_sockmsg header;
  std::memcpy(&header, message.data(), sizeof header);
  switch (any() % 10) {
    case 0:
      message.clear();
      return;
    case 1:
      message += message;
      return;
    case 2:
      add_garbage(message);
      return;
    case 3:
      header.req_id += any() % near;
      break;
    case 4:
      header.type = static_cast<abi::Xs_type>(any() % 32);
      break;
    case 5:
      header.tx_id = any();
      break;
    case 6:
      header.len = any() % (2 * abi::xenstore_payload_max);
      break;
    case 7:
      header.len = any();
      break;
    case 8:
      // An event that nobody has asked for.
      header.type = abi::Xs_type::watch_event;
      header.req_id = 0;
      break;
    default:
      for (std::size_t at = sizeof header; at < message.size(); ++at) {
        message[at] = one_in(4) ? static_cast<char>(any()) : message[at];
      }
  }
  std::memcpy(message.data(), &header, sizeof header);
}

std::optional<Store_malice::Ring_word> Store_malice::spoil_ring() {
  if (!one_in(100)) {
    return std::nullopt;
  }
  constexpr std::array offsets{offsetof(abi::Xenstore_ring, req_cons),       offsetof(abi::Xenstore_ring, req_prod),
                               offsetof(abi::Xenstore_ring, rsp_cons),       offsetof(abi::Xenstore_ring, rsp_prod),
                               offsetof(abi::Xenstore_ring, connection),     offsetof(abi::Xenstore_ring, error),
                               offsetof(abi::Xenstore_ring, server_features)};
  return Ring_word{offsets[any() % offsets.size()], one_in(2) ? any() % 4 : any()};
}

}  // namespace enlighten::model
