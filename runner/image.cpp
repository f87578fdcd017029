// SPDX-License-Identifier: MIT
// The files that are booted: flat arm64 Images, of guests and of Xen.
#include <runner/image.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <vector>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

constexpr std::size_t header_size = 64;
constexpr std::size_t magic_offset = 56;
constexpr std::string_view magic{"ARM\x64", 4};
constexpr std::string_view elf_magic{
    "\x7f"
    "ELF",
    4};
constexpr std::string_view gzip_magic{"\x1f\x8b", 2};

std::string read_start(const std::filesystem::path& path, std::string_view role, std::size_t length) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw Failure{"there is no {} {}", role, path.string()};
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw Failure{"{} is not a file, so it cannot be booted as {}", path.string(), role};
  }
  std::ifstream file{path, std::ios::binary};
  if (!file) {
    throw Failure{"{} {} cannot be read: {}", role, path.string(), std::strerror(errno)};
  }
  std::string bytes(length, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(length));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

std::uint64_t little_endian_64(std::string_view bytes, std::size_t offset) {
  std::uint64_t value = 0;
  for (std::size_t index = 8; index-- > 0;) {
    value = value << 8U | static_cast<unsigned char>(bytes[offset + index]);
  }
  return value;
}

bool is_image(std::string_view start) {
  return start.size() >= header_size && start.substr(magic_offset, magic.size()) == magic;
}

}  // namespace

Guest_image open_guest_image(const std::filesystem::path& path) {
  const std::string start = read_start(path, "image", header_size);
  if (start.starts_with(elf_magic)) {
    const auto flat = std::filesystem::path{path}.replace_extension(".img");
    throw Failure{"{} is an ELF file; give the flat image made from it, {}", path.string(),
                  std::filesystem::exists(flat) ? flat.string() : "NAME.img (objcopy -O binary)"};
  }
  if (start.starts_with(gzip_magic)) {
    throw Failure{"{} is compressed; unpack it with gunzip first", path.string()};
  }
  if (!is_image(start)) {
    throw Failure{"{} is not an arm64 Image: {}; enlighten_add_guest() in CMake makes one", path.string(),
                  start.size() < header_size ? "it is shorter than the header of 64 bytes"
                                             : "bytes 56 to 59 are not \"ARM\\x64\""};
  }
  Guest_image image{.path = path,
                    .file_size = std::filesystem::file_size(path),
                    .header = {.text_offset = little_endian_64(start, 8),
                               .image_size = little_endian_64(start, 16),
                               .flags = little_endian_64(start, 24)},
                    .symbols = {}};
  for (const char* const extension : {"", ".elf"}) {
    const auto candidate = std::filesystem::path{path}.replace_extension(extension);
    std::error_code ignored;
    if (candidate != path && std::filesystem::is_regular_file(candidate, ignored) &&
        read_start(candidate, "symbol file", elf_magic.size()) == elf_magic) {
      image.symbols = candidate;
      break;
    }
  }
  return image;
}

std::filesystem::path open_xen_image(const std::filesystem::path& path) {
  constexpr std::size_t more_than_any_xen = std::size_t{64} << 20U;
  const std::string bytes = read_start(path, "Xen", more_than_any_xen);
  if (bytes.starts_with(gzip_magic)) {
    throw Failure{"{} is compressed; unpack it with gunzip first", path.string()};
  }
  if (!is_image(bytes)) {
    throw Failure{
        "{} is not a Xen for arm64: it has no arm64 Image header (Xen's build makes such a file as xen/xen)",
        path.string()};
  }
  if (bytes.find("Xen version %d.%d") == std::string::npos) {
    throw Failure{"{} is an arm64 Image, but no Xen: Xen's banner is not in it", path.string()};
  }
  return std::filesystem::absolute(path);
}

}  // namespace enlighten::runner
