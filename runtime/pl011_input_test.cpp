// SPDX-License-Identifier: MIT
// Pl011_input on a UART that answers as the manual says.
#include "pl011_input.hpp"

#include <gmock/gmock.h>

#include <array>
#include <deque>
#include <string>
#include <vector>

#include <arch/hosted_machine.hpp>

namespace enlighten::runtime {
namespace {

constexpr std::uintptr_t base = 0x2200'0000;
constexpr std::uint32_t framing = 1U << 8;
constexpr std::uint32_t lost_before = 1U << 11;

class Fake_uart final : public arch::hosted::Machine {
 public:
  std::uint32_t mmio_read32(std::uintptr_t address) override {
    switch (address - base) {
      case 0x00: {
        const std::uint32_t value = received.front();
        received.pop_front();
        return value;
      }
      case 0x18:
        return received.empty() ? 1U << 4 : 0;
      case 0x38:
        return mask;
      default:
        ADD_FAILURE() << "no such register: " << address;
        return 0;
    }
  }
  void mmio_write32(std::uintptr_t address, std::uint32_t value) override {
    EXPECT_EQ(address - base, 0x38U);
    mask = value;
  }
  void type(const std::string& text) { received.insert(received.end(), text.begin(), text.end()); }

  std::deque<std::uint32_t> received;
  std::uint32_t mask = 0;
};

class Uart_input : public testing::Test {
 protected:
  // What is read in one call; an error's text begins with an exclamation mark.
  std::string read(std::size_t most = 256) {
    std::array<char, 256> bytes{};
    const Result<std::uint32_t> count = input.read(std::span{bytes}.first(most));
    return count ? std::string{bytes.data(), *count} : std::string{"!"} + count.error().text();
  }

  Fake_uart uart;
  arch::hosted::Installed_machine installed{uart};
  Pl011_input input{base};
};

TEST_F(Uart_input, takes_all_that_is_there_and_then_asks_for_interrupts) {
  uart.type("one");
  EXPECT_EQ(read(2), "on");
  EXPECT_EQ(read(2), "e");
  EXPECT_EQ(uart.mask, 0U);
  EXPECT_EQ(read(), "");
  EXPECT_EQ(uart.mask, 1U << 4 | 1U << 6);
}

TEST_F(Uart_input, holds_interrupts_until_all_is_read) {
  EXPECT_EQ(read(), "");
  uart.type("x");
  input.hold_interrupts();
  EXPECT_EQ(uart.mask, 0U);
  EXPECT_EQ(read(), "x");
  EXPECT_EQ(uart.mask, 0U);
  EXPECT_EQ(read(), "");
  EXPECT_NE(uart.mask, 0U);
}

TEST_F(Uart_input, leaves_out_what_arrived_damaged) {
  uart.type("ab");
  uart.received.push_back('?' | framing);
  uart.type("c");
  EXPECT_EQ(read(), "abc");
}

TEST_F(Uart_input, tells_of_a_loss_where_it_was_and_loses_nothing_else) {
  constexpr const char* loss = "!console: the UART has lost characters that nobody read in time";
  uart.type("before");
  uart.received.push_back('a' | lost_before);
  uart.type("fter");
  uart.received.push_back('A' | lost_before);
  EXPECT_EQ(read(), "before");
  EXPECT_EQ(read(), loss);
  EXPECT_EQ(read(), "after");
  EXPECT_EQ(read(), loss);
  EXPECT_EQ(uart.mask, 0U);
  EXPECT_EQ(read(), "A");
  EXPECT_EQ(read(), "");
}

}  // namespace
}  // namespace enlighten::runtime
