// SPDX-License-Identifier: MIT
// A hostile end of a vchan: whatever it writes into the page and whenever, ours stays within its rings, gives no
// byte twice, and says so in words when something cannot be.
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <drivers/vchan_end.hpp>
#include <drivers/vchan_layout.hpp>

#include "input.hpp"

namespace enlighten::fuzz {
namespace {

using drivers::Vchan_end;
using drivers::Vchan_role;

// Page and rings are each in a block of memory of its own: the sanitizer sees an access beyond.
class World {
 public:
  explicit World(Input& input) : input_{input} {
    page_->left = {input_.take<std::uint32_t>(), input_.take<std::uint32_t>()};
    page_->right = {input_.take<std::uint32_t>(), input_.take<std::uint32_t>()};
    check_layout({static_cast<std::uint16_t>(input_.take<std::uint8_t>() % 24),
                  static_cast<std::uint16_t>(input_.take<std::uint8_t>() % 24)});
  }

  void run() {
    end_.announce();
    // Takes no more steps than there is input, each of some work at most.
    while (!input_.empty()) {
      step(input_.take<std::uint8_t>());
    }
    end_.close();
    require(end_.take_notice());
  }

 private:
  // What a client takes from a server: the grants and the rings in the page lie beside each other.
  static void check_layout(const drivers::Vchan_orders& orders) noexcept {
    if (!orders.check()) {
      return;
    }
    const std::size_t grants = drivers::vchan_pages(orders.left) + drivers::vchan_pages(orders.right);
    for (const std::uint16_t order : {orders.left, orders.right}) {
      if (const auto place = drivers::vchan_place_in_page(order)) {
        require(*place >= sizeof(abi::Vchan_interface) + 4 * grants && *place + (std::size_t{1} << order) <= 4096);
      }
    }
    require(orders.left != orders.right || !drivers::vchan_place_in_page(orders.left));
  }

  [[nodiscard]] std::uint32_t& word(std::uint8_t which) noexcept {
    const std::array words{&page_->left.cons, &page_->left.prod, &page_->right.cons, &page_->right.prod};
    return *words[which % words.size()];
  }

  void step(std::uint8_t what) {
    std::array<std::byte, 40> bytes{};
    const std::span some = std::span{bytes}.first(what / 8 % bytes.size());
    switch (what % 8) {
      case 0:
        check(end_.read(some), some.size());
        break;
      case 1:
        check(end_.write(some), some.size());
        break;
      case 2:
        check(end_.receive(some));
        break;
      case 3:
        check(end_.send(some));
        break;
      case 4:
        word(what / 8) = input_.take<std::uint32_t>();
        break;
      case 5:
        word(what / 8) += input_.take<std::uint8_t>();
        break;
      case 6:
        (what / 8 % 2 == 0 ? page_->srv_live : page_->cli_live) = input_.take<std::uint8_t>();
        break;
      default:
        (what / 8 % 2 == 0 ? page_->srv_notify : page_->cli_notify) = input_.take<std::uint8_t>();
        break;
    }
    static_cast<void>(end_.take_notice());
  }

  template <typename T>
  static void check(const Result<T>& result, std::size_t most = 1) noexcept {
    require(result ? std::size_t{*result} <= most : result.error().text()[0] != '\0');
  }

  Input& input_;
  std::unique_ptr<abi::Vchan_interface> page_ = std::make_unique<abi::Vchan_interface>();
  std::vector<std::uint8_t> left_ = std::vector<std::uint8_t>(16);
  std::vector<std::uint8_t> right_ = std::vector<std::uint8_t>(32);
  Vchan_end<> end_{input_.take<std::uint8_t>() % 2 == 0 ? Vchan_role::server : Vchan_role::client, *page_, left_,
                   right_};
};

}  // namespace
}  // namespace enlighten::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  enlighten::fuzz::Input input{data, size};
  enlighten::fuzz::World{input}.run();
  return 0;
}
