// SPDX-License-Identifier: MIT
// The other end of a xenstore ring for tests: takes requests apart byte by byte, and answers what it is told to.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <abi/xenstore.hpp>
#include <guest/shared_words.hpp>

namespace enlighten::guest::test {

struct Asked {
  abi::Xsd_sockmsg header;
  std::string payload;
};

template <Word_policy Words = Shared_words>
class Xenstored_peer {
 public:
  explicit Xenstored_peer(abi::Xenstore_ring& ring, Words words = {}) : ring_{ring}, words_{words} {}

  // All that has come wholly; what has come in part is kept.
  std::vector<Asked> take() {
    const std::uint32_t end = words_.load(ring_.req_prod, std::memory_order_acquire);
    std::uint32_t at = words_.load(ring_.req_cons, std::memory_order_relaxed);
    for (; at != end; ++at) {
      in_ += static_cast<char>(words_.load(ring_.req[at % sizeof ring_.req], std::memory_order_relaxed));
    }
    words_.store(ring_.req_cons, at, std::memory_order_release);
    std::vector<Asked> all;
    for (Asked one; in_.size() >= sizeof one.header;) {
      std::memcpy(&one.header, in_.data(), sizeof one.header);
      if (in_.size() < sizeof one.header + one.header.len) {
        break;
      }
      one.payload = in_.substr(sizeof one.header, one.header.len);
      in_.erase(0, sizeof one.header + one.header.len);
      all.push_back(one);
    }
    return all;
  }

  // As much as there is room for; how much is still to go.
  std::size_t put(std::string_view bytes = {}) {
    out_ += bytes;
    const std::uint32_t taken = words_.load(ring_.rsp_cons, std::memory_order_acquire);
    std::uint32_t at = words_.load(ring_.rsp_prod, std::memory_order_relaxed);
    std::size_t count = 0;
    for (; count < out_.size() && at - taken < sizeof ring_.rsp; ++count, ++at) {
      words_.store(ring_.rsp[at % sizeof ring_.rsp], static_cast<std::uint8_t>(out_[count]),
                   std::memory_order_relaxed);
    }
    words_.store(ring_.rsp_prod, at, std::memory_order_release);
    out_.erase(0, count);
    return out_.size();
  }

  std::size_t send(abi::Xs_type type, std::uint32_t id, std::string_view payload) {
    const abi::Xsd_sockmsg header{
        .type = type, .req_id = id, .tx_id = 0, .len = static_cast<std::uint32_t>(payload.size())};
    std::string bytes(sizeof header, '\0');
    std::memcpy(bytes.data(), &header, sizeof header);
    bytes += payload;
    return put(bytes);
  }
  std::size_t answer(const Asked& request, std::string_view payload) {
    return send(request.header.type, request.header.req_id, payload);
  }
  std::size_t refuse(const Asked& request, const char* error) {
    return send(abi::Xs_type::error, request.header.req_id, {error, std::strlen(error) + 1});
  }
  std::size_t event(const std::string& path, std::string_view token) {
    return send(abi::Xs_type::watch_event, 0, path + '\0' + std::string{token} + '\0');
  }

  // As misc/xenstore-ring.txt has it do.
  void reconnect() {
    in_.clear();
    out_.clear();
    ring_.req_cons = ring_.req_prod = ring_.rsp_cons = ring_.rsp_prod = 0;
    ring_.error = 0;
    words_.store(ring_.connection, std::uint32_t{0}, std::memory_order_release);
  }

 private:
  abi::Xenstore_ring& ring_;
  Words words_;
  std::string in_;
  std::string out_;
};

}  // namespace enlighten::guest::test
