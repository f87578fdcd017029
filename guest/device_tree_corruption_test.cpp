// SPDX-License-Identifier: MIT
// Device_tree on trees with any byte changed and any end cut off: whatever it answers, it comes back and reads no
// further.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include <guest/device_tree.hpp>

#include "test/tree_file.hpp"

namespace enlighten::guest {
namespace {

using test::Exact_copy;
using test::Guarded_copy;
using test::Tree_file;

void expect_readable(const Error& error) {
  const std::string_view text{error.text()};
  EXPECT_TRUE(text.starts_with("device tree: ")) << text;
  for (const char character : text) {
    EXPECT_TRUE(character >= ' ' && character <= '~') << text;
  }
}

template <typename T>
void expect_answer(const Result<T>& result) {
  if (!result) {
    expect_readable(result.error());
  }
}

// What is walked stands in the tree, so there cannot be more steps than bytes.
template <typename Walk>
void expect_end(Walk walk, std::size_t limit) {
  for (std::size_t steps = 0; steps <= limit; ++steps) {
    const auto step = walk.next();
    if (!step) {
      expect_readable(step.error());
      return;
    }
    if (!*step) {
      return;
    }
  }
  ADD_FAILURE() << "a walk of more than " << limit << " steps";
}

// Asks everything there is to ask; says whether there was a tree to ask.
template <typename Copy>
bool ask_one(std::span<const std::byte> bytes) {
  const Copy copy{bytes};
  const Result<Device_tree> tree = copy.open();
  if (!tree) {
    expect_readable(tree.error());
    return false;
  }
  EXPECT_LE(tree->bytes().size(), copy.size());
  expect_answer(tree->psci());
  expect_answer(tree->hypervisor());
  expect_answer(tree->uart());
  expect_answer(tree->uart_interrupt());
  expect_answer(tree->gic());
  expect_answer(tree->timer());
  expect_answer(tree->chosen());
  expect_end(tree->memory(), copy.size());
  expect_end(tree->reserved(), copy.size());
  expect_end(tree->cpus(), copy.size());
  expect_end(tree->redistributors(), copy.size());
  expect_end(tree->extended_regions(), copy.size());
  return true;
}

bool ask(std::span<const std::byte> bytes) {
  return ask_one<Exact_copy>(bytes) && ask_one<Guarded_copy>(bytes);
}

void set_total_size(std::span<std::byte> bytes, std::size_t size) {
  for (std::size_t index = 0; index < 4; ++index) {
    bytes[4 + index] = static_cast<std::byte>(size >> (24 - 8 * index));
  }
}

class Device_tree_corruption : public testing::TestWithParam<const char*> {
 protected:
  std::vector<std::byte> bytes_ = Tree_file{GetParam()}.packed();
};

TEST_P(Device_tree_corruption, is_absent_at_first) {
  EXPECT_TRUE(ask(bytes_));
}

TEST_P(Device_tree_corruption, never_opens_a_tree_that_is_cut_off) {
  for (std::size_t size = 0; size < bytes_.size(); ++size) {
    EXPECT_FALSE(ask(std::span{bytes_}.first(size))) << size;
  }
}

TEST_P(Device_tree_corruption, never_reads_past_a_cut_that_the_header_confirms) {
  for (std::size_t size = 8; size < bytes_.size(); ++size) {
    std::vector<std::byte> cut{bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size)};
    set_total_size(cut, size);
    ask(cut);
  }
}

TEST_P(Device_tree_corruption, of_any_single_byte_does_no_harm) {
  constexpr unsigned seed = 20240917;
  std::mt19937 random{seed};
  // Every byte of Xen's trees; of QEMU's, which are larger and much alike, as many as take about as long.
  constexpr std::size_t about = 3800;
  const std::size_t step = 1 + bytes_.size() / about;
  for (std::size_t at = step == 1 ? 0 : random() % step; at < bytes_.size(); at += step) {
    std::vector<std::byte> wrong = bytes_;
    wrong[at] ^= static_cast<std::byte>(1 + random() % 255);
    ask(wrong);
  }
}

TEST_P(Device_tree_corruption, of_several_numbers_does_no_harm) {
  constexpr unsigned seed = 20240918;
  std::mt19937 random{seed};
  constexpr std::uint32_t telling[] = {0, 1, 2, 3, 4, 9, 0x7fffffff, 0x80000000, 0xffffffff};
  for (int round = 0; round < 1000; ++round) {
    std::vector<std::byte> wrong = bytes_;
    for (std::size_t count = 1 + random() % 4; count != 0; --count) {
      const std::size_t at = 4 * (random() % (wrong.size() / 4));
      const std::uint32_t value = telling[random() % std::size(telling)];
      for (std::size_t index = 0; index < 4; ++index) {
        wrong[at + index] = static_cast<std::byte>(value >> (24 - 8 * index));
      }
    }
    ask(wrong);
  }
}

INSTANTIATE_TEST_SUITE_P(Trees, Device_tree_corruption, testing::ValuesIn(test::tree_names()),
                         [](const testing::TestParamInfo<const char*>& name) {
                           std::string text{name.param};
                           for (char& character : text) {
                             character = character == '-' ? '_' : character;
                           }
                           return text;
                         });

}  // namespace
}  // namespace enlighten::guest
