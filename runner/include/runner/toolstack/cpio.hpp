// SPDX-License-Identifier: MIT
// An archive that Linux unpacks as its first file system ("newc", [linux]
// driver-api/early-userspace/buffer-format.rst).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace enlighten::runner {

// The same entries give the same bytes, in whatever order they were added: names are sorted, every owner is root,
// and every time is 0. A name is a path without a slash in front; the folders above it are made. A second entry of
// a name takes the place of the first.
class Cpio {
 public:
  void folder(const std::string& name);
  void file(const std::string& name, std::string contents, bool executable = false);
  void link(const std::string& name, const std::string& target);

  [[nodiscard]] bool has(const std::string& name) const { return entries_.contains(name); }
  // Padded to a multiple of 512, so that another archive may follow.
  [[nodiscard]] std::string bytes() const;

 private:
  struct Entry {
    std::uint32_t mode;
    std::string contents;
  };
  void add(const std::string& name, Entry entry);

  std::map<std::string, Entry> entries_;
};

}  // namespace enlighten::runner
