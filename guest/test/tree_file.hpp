// SPDX-License-Identifier: MIT
// A device tree from test/trees that a test may change, in memory that ends exactly where the tree does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <guest/device_tree.hpp>

namespace enlighten::guest::test {

// A copy of bytes on the heap, where AddressSanitizer sees a read beyond them in code that is compiled with it.
class Exact_copy {
 public:
  explicit Exact_copy(std::span<const std::byte> bytes);

  [[nodiscard]] const void* data() const { return storage_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Result<Device_tree> open() const { return Device_tree::open(data(), size()); }

 private:
  std::unique_ptr<std::byte[]> storage_;
  std::size_t size_;
};

// A copy of bytes with, at most 7 bytes behind it, a page that nobody can read: the library is not compiled with a
// sanitizer.
class Guarded_copy {
 public:
  explicit Guarded_copy(std::span<const std::byte> bytes);
  Guarded_copy(const Guarded_copy&) = delete;
  Guarded_copy& operator=(const Guarded_copy&) = delete;
  ~Guarded_copy();

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Result<Device_tree> open() const { return Device_tree::open(data_, size_); }

 private:
  std::byte* mapping_;
  std::size_t mapped_;
  std::byte* data_;
  std::size_t size_;
};

class Tree_file {
 public:
  // `name` as in test/trees, without its suffix.
  explicit Tree_file(const std::string& name);

  // Changes; the node has to be there, unless it is add() that makes it.
  Tree_file& cells(const char* node, const char* property, std::initializer_list<std::uint32_t> values);
  Tree_file& bytes(const char* node, const char* property, std::string_view value);
  Tree_file& text(const char* node, const char* property, const char* value);
  Tree_file& remove(const char* node, const char* property);
  Tree_file& add(const char* parent, const char* name);
  Tree_file& remove_node(const char* node);
  Tree_file& reserve(std::uint64_t base, std::uint64_t size);

  // The tree as it is now, which stays where it is until the next call of a function of this object.
  [[nodiscard]] Device_tree tree();
  [[nodiscard]] std::vector<std::byte> packed();

 private:
  [[nodiscard]] int offset(const char* node);

  std::vector<std::byte> blob_;
  std::unique_ptr<Exact_copy> copy_;
};

// Names of all the trees.
[[nodiscard]] std::span<const char* const> tree_names();

}  // namespace enlighten::guest::test
