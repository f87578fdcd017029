// SPDX-License-Identifier: MIT
// The modelled xenstored's nodes: who may do what, what a domain may have, and what is refused with which errno.
#include <gtest/gtest.h>

#include <string>

#include <model/store_tree.hpp>

namespace enlighten::model {
namespace {

using abi::Errno;

constexpr Domain_id control{0};
constexpr Domain_id guest{1};

class Store_tree_test : public testing::Test {
 protected:
  Store_tree_test() {
    EXPECT_EQ(tree.write(control, "/mine", ""), std::nullopt);
    EXPECT_EQ(tree.set_permissions(control, "/mine", {{guest, 'n'}}), std::nullopt);
    EXPECT_EQ(tree.write(control, "/shown", "to all"), std::nullopt);
    EXPECT_EQ(tree.write(control, "/hidden", "from all"), std::nullopt);
    EXPECT_EQ(tree.set_permissions(control, "/hidden", {{control, 'n'}}), std::nullopt);
  }
  std::string names(const char* path) {
    std::string list;
    EXPECT_EQ(tree.list(control, path, list), std::nullopt);
    return list;
  }
  Store_tree tree;
  std::string value;
};

TEST_F(Store_tree_test, a_domain_reads_what_is_shown_and_writes_what_is_its_own) {
  EXPECT_EQ(tree.read(guest, "/shown", value), std::nullopt);
  EXPECT_EQ(value, "to all");
  EXPECT_EQ(tree.write(guest, "/shown", "x"), Errno::eacces);
  EXPECT_EQ(tree.read(guest, "/hidden", value), Errno::eacces);
  EXPECT_EQ(tree.read(guest, "/hidden/below", value), Errno::eacces) << "not even that there is nothing";
  EXPECT_EQ(tree.read(guest, "/shown/below", value), Errno::enoent);
  EXPECT_EQ(tree.write(guest, "/mine/a/b", "x"), std::nullopt);
  EXPECT_EQ(tree.set_permissions(guest, "/mine/a", {{guest, 'n'}, {Domain_id{2}, 'r'}}), std::nullopt);
  EXPECT_EQ(tree.read(Domain_id{2}, "/mine/a", value), std::nullopt);
  EXPECT_EQ(tree.read(Domain_id{2}, "/mine/a/b", value), Errno::eacces) << "b was there before";
  EXPECT_EQ(tree.set_permissions(guest, "/mine/a", {{control, 'n'}}), Errno::eperm);
}

TEST_F(Store_tree_test, what_is_removed_goes_with_all_below_and_nothing_beside) {
  for (const char* path : {"/mine/a/b/c", "/mine/a-b", "/mine/ab"}) {
    ASSERT_EQ(tree.make(guest, path), std::nullopt);
  }
  EXPECT_EQ(tree.remove(guest, "/mine/a"), std::nullopt);
  EXPECT_EQ(names("/mine"), std::string("a-b\0ab\0", 7));
  EXPECT_EQ(tree.remove(guest, "/mine/a"), std::nullopt) << "once more";
  EXPECT_EQ(tree.remove(guest, "/mine/a/b"), Errno::enoent);
  EXPECT_EQ(tree.remove(control, "/"), Errno::einval);
}

TEST_F(Store_tree_test, a_domain_has_so_many_nodes_of_such_a_size_and_no_more) {
  EXPECT_EQ(tree.write(guest, "/mine/a", std::string(2040, 'x')), std::nullopt);
  EXPECT_EQ(tree.write(guest, "/mine/a", std::string(2041, 'x')), Errno::enospc);
  EXPECT_EQ(tree.write(control, "/mine/a", std::string(4000, 'x')), std::nullopt);
  Store_tree::Refusal refusal;
  unsigned made = 0;
  for (; !refusal && made < 2000; ++made) {
    refusal = tree.make(guest, "/mine/" + std::to_string(made / 40) + "/" + std::to_string(made % 40));
  }
  EXPECT_EQ(refusal, Errno::enospc);
  EXPECT_GT(made, 900U);
}

TEST_F(Store_tree_test, a_change_of_a_node_or_of_what_is_below_it_gives_it_another_generation) {
  const std::uint64_t before = tree.generation("/mine");
  ASSERT_EQ(tree.write(guest, "/mine/a", "1"), std::nullopt);
  const std::uint64_t with_child = tree.generation("/mine");
  EXPECT_NE(with_child, before);
  const std::uint64_t child = tree.generation("/mine/a");
  ASSERT_EQ(tree.write(guest, "/mine/a", "1"), std::nullopt);
  EXPECT_NE(tree.generation("/mine/a"), child);
  EXPECT_EQ(tree.generation("/mine"), with_child) << "a child's value is none of its own";
  EXPECT_EQ(tree.generation("/nothing"), 0U);
}

TEST_F(Store_tree_test, has_no_paths_that_xenstored_would_not_have) {
  for (const char* wrong : {"", "a", "/a/", "//", "/a//b", "/a b", "/a.b"}) {
    EXPECT_FALSE(Store_tree::is_path(wrong)) << wrong;
  }
  for (const char* right : {"/", "/a", "/a/b-c_d@e"}) {
    EXPECT_TRUE(Store_tree::is_path(right)) << right;
  }
}

}  // namespace
}  // namespace enlighten::model
