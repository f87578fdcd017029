// SPDX-License-Identifier: MIT
// A flattened device tree being edited: libfdt with every return value looked at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace enlighten::runner {

// What goes wrong is a Failure that names the node and the property.
class Device_tree {
 public:
  // Takes the blob, checks it and makes room to edit.
  explicit Device_tree(std::vector<std::byte> blob);
  [[nodiscard]] static Device_tree read(const std::filesystem::path& path);

  // Makes a node with all nodes above it, as far as they are missing.
  void add_node(std::string_view path);

  void set_text(std::string_view node, const char* property, std::string_view text);
  void set_texts(std::string_view node, const char* property, std::initializer_list<std::string_view> texts);
  void set_cells(std::string_view node, const char* property, std::initializer_list<std::uint32_t> cells);
  // An empty property: its presence is what it says.
  void set_flag(std::string_view node, const char* property);
  // A handle that no other node has, by which properties elsewhere can refer to this one.
  std::uint32_t give_handle(std::string_view node);

  [[nodiscard]] bool has_node(std::string_view path) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view node, const char* property) const;
  [[nodiscard]] std::optional<std::vector<std::uint32_t>> cells(std::string_view node, const char* property) const;
  [[nodiscard]] std::vector<std::string> children(std::string_view node) const;

  // The tree as it goes to the machine, without the spare room.
  void write(const std::filesystem::path& path);

 private:
  [[nodiscard]] int find(std::string_view path) const;
  [[nodiscard]] std::optional<std::span<const std::byte>> bytes(std::string_view node, const char* property) const;
  void set_bytes(std::string_view node, const char* property, std::string_view value);

  std::vector<std::byte> blob_;
};

}  // namespace enlighten::runner
