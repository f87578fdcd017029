// SPDX-License-Identifier: MIT
// A hostile xenstored: whatever it writes into the ring and whenever, each request of ours ends once, and nothing
// is read or written elsewhere.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <guest/xenstore.hpp>

#include "input.hpp"

namespace enlighten::fuzz {
namespace {

using guest::Xenstore;
using guest::Xenstore_message;

struct Request final : guest::Xenstore_request {
  void on_reply(Result<std::string_view> payload) noexcept override {
    require(is_open);
    is_open = false;
    if (payload) {
      // Reads what it is given, and as what it was not asked for, too.
      const auto parts = guest::xenstore_reply::directory_part(*payload);
      const auto texts = guest::xenstore_reply::texts(parts ? parts->texts : *payload);
      std::size_t length = 0;
      for (const std::string_view text : guest::Xenstore_texts{texts ? *texts : *payload}) {
        length += text.size() + 1;
      }
      require(length <= payload->size() + 1);
      std::array<guest::Xenstore_permission, 2> two;
      static_cast<void>(guest::xenstore_reply::permissions(*payload, two));
      static_cast<void>(guest::xenstore_reply::transaction(*payload));
    } else {
      require(payload.error().text()[0] != '\0');
    }
  }
  bool is_open = false;
};

struct Interest final : guest::Xenstore_watch {
  void on_registered(const Result<>& outcome) noexcept override {
    require(is_open);
    is_open = outcome.has_value();
  }
  void on_change(std::string_view path) noexcept override { require(is_open && path.starts_with("watched")); }
  bool is_open = false;
};

// The page and both buffers are each in a block of memory of its own: the sanitizer sees an access beyond.
class World {
 public:
  explicit World(Input& input) : input_{input} {
    page_->req_prod = page_->req_cons = input_.take<std::uint32_t>();
    page_->rsp_prod = page_->rsp_cons = input_.take<std::uint32_t>();
    page_->server_features = input_.take<std::uint8_t>();
    page_->connection = input_.take<std::uint8_t>() % 4 == 0 ? 1 : 0;
    store_.attach(*page_);
  }

  void run() {
    // Takes no more steps than there is input, each of some work at most.
    while (!input_.empty()) {
      step(input_.take<std::uint8_t>());
    }
    for (const auto& interest : interests_) {
      static_cast<void>(store_.forget(*interest));
    }
    store_.expire(Xenstore::no_deadline);
    for (const auto& request : requests_) {
      require(!request->is_open);
    }
  }

 private:
  void step(std::uint8_t what) {
    switch (what % 10) {
      case 0:
        ask(what);
        break;
      case 1:
        if (interests_.size() < most) {
          Interest& interest = *interests_.emplace_back(std::make_unique<Interest>());
          interest.is_open = true;
          store_.watch(interest, "watched", now_ + what);
        }
        break;
      case 2:
        store_.expire(++now_);
        break;
      case 3:
        word() = input_.take<std::uint32_t>();
        break;
      case 4:
        word() += input_.take<std::uint8_t>();
        break;
      case 5:
        page_->connection = 0;
        break;
      case 6:
        page_->req_cons = page_->req_prod;
        break;
      case 7:
        // Much for little input.
        put(std::vector<std::uint8_t>(900, what));
        break;
      default:
        answer(what);
        break;
    }
    store_.process();
    static_cast<void>(store_.take_notice());
  }

  void ask(std::uint8_t what) {
    if (requests_.size() == most) {
      return;
    }
    Request& request = *requests_.emplace_back(std::make_unique<Request>());
    request.is_open = true;
    static const std::string large(4000, 'x');
    store_.submit(request, what % 20 == 0 ? Xenstore_message::read("node") : Xenstore_message::write("node", large),
                  now_ + what);
  }

  std::uint32_t& word() {
    std::uint32_t* const words[] = {&page_->req_cons, &page_->req_prod,        &page_->rsp_cons,  &page_->rsp_prod,
                                    &page_->error,    &page_->server_features, &page_->connection};
    return *words[input_.take<std::uint8_t>() % std::size(words)];
  }

  // A message, most of them with a header that could be one.
  void answer(std::uint8_t what) {
    abi::Xsd_sockmsg header{.type = static_cast<abi::Xs_type>(input_.take<std::uint8_t>() % 32),
                            .req_id = input_.take<std::uint8_t>(),
                            .tx_id = 0,
                            .len = input_.take<std::uint8_t>()};
    header.len = what % 16 == 15 ? header.len << 8U : header.len;
    std::vector<std::uint8_t> bytes(sizeof header + std::min<std::uint32_t>(header.len, 200));
    for (std::size_t index = sizeof header; index < bytes.size() && !input_.empty(); ++index) {
      bytes[index] = input_.take<std::uint8_t>();
    }
    std::memcpy(bytes.data(), &header, sizeof header);
    put(bytes);
  }

  void put(const std::vector<std::uint8_t>& bytes) {
    for (const std::uint8_t byte : bytes) {
      page_->rsp[page_->rsp_prod++ % sizeof page_->rsp] = byte;
    }
  }

  static constexpr std::size_t most = 40;

  Input& input_;
  std::uint64_t now_ = 0;
  std::unique_ptr<abi::Xenstore_ring> page_ = std::make_unique<abi::Xenstore_ring>();
  std::unique_ptr<std::array<std::byte, abi::xenstore_payload_max>> out_ =
      std::make_unique<std::array<std::byte, abi::xenstore_payload_max>>();
  std::unique_ptr<std::array<std::byte, abi::xenstore_payload_max>> in_ =
      std::make_unique<std::array<std::byte, abi::xenstore_payload_max>>();
  Xenstore store_{{.out = *out_, .in = *in_}};
  std::vector<std::unique_ptr<Request>> requests_;
  std::vector<std::unique_ptr<Interest>> interests_;
};

}  // namespace
}  // namespace enlighten::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  enlighten::fuzz::Input input{data, size};
  enlighten::fuzz::World{input}.run();
  return 0;
}
