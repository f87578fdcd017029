// SPDX-License-Identifier: MIT
// Writes an archive of the format "newc".
#include <runner/toolstack/cpio.hpp>

#include <fmt/format.h>

namespace enlighten::runner {
namespace {

// File types and permissions as st_mode has them.
constexpr std::uint32_t folder_mode = 0040755;
constexpr std::uint32_t plain_mode = 0100644;
constexpr std::uint32_t executable_mode = 0100755;
constexpr std::uint32_t link_mode = 0120777;

void pad(std::string& bytes, std::size_t unit) {
  bytes.resize((bytes.size() + unit - 1) / unit * unit, '\0');
}

void append(std::string& bytes, std::string_view name, std::uint32_t number, std::uint32_t mode,
            std::string_view contents) {
  const std::uint32_t links = (mode & 0170000) == 0040000 ? 2 : 1;
  bytes += "070701";
  for (const std::size_t field :
       {std::size_t{number}, std::size_t{mode}, std::size_t{0}, std::size_t{0}, std::size_t{links}, std::size_t{0},
        contents.size(), std::size_t{0}, std::size_t{0}, std::size_t{0}, std::size_t{0}, name.size() + 1,
        std::size_t{0}}) {
    bytes += fmt::format("{:08x}", field);
  }
  bytes += name;
  bytes += '\0';
  pad(bytes, 4);
  bytes += contents;
  pad(bytes, 4);
}

}  // namespace

void Cpio::add(const std::string& name, Entry entry) {
  if (const std::size_t slash = name.rfind('/'); slash != std::string::npos && !has(name.substr(0, slash))) {
    folder(name.substr(0, slash));
  }
  entries_.insert_or_assign(name, std::move(entry));
}

void Cpio::folder(const std::string& name) {
  add(name, {folder_mode, {}});
}

void Cpio::file(const std::string& name, std::string contents, bool executable) {
  add(name, {executable ? executable_mode : plain_mode, std::move(contents)});
}

void Cpio::link(const std::string& name, const std::string& target) {
  add(name, {link_mode, target});
}

std::string Cpio::bytes() const {
  std::string bytes;
  std::uint32_t number = 0;
  for (const auto& [name, entry] : entries_) {
    append(bytes, name, ++number, entry.mode, entry.contents);
  }
  append(bytes, "TRAILER!!!", 0, 0, {});
  pad(bytes, 512);
  return bytes;
}

}  // namespace enlighten::runner
