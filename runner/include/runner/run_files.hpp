// SPDX-License-Identifier: MIT
// The files one run leaves behind.
#pragma once

#include <filesystem>
#include <string_view>

namespace enlighten::runner {

class Run_files {
 public:
  // Beside the report the user asked for, named after it.
  [[nodiscard]] static Run_files beside(const std::filesystem::path& report);
  // In a new folder, named after the image and the time: in the source tree's build folder, or else in the cache.
  // Of those only the latest are kept.
  [[nodiscard]] static Run_files fresh(std::string_view image);

  // Everything the serial port gave, byte by byte.
  [[nodiscard]] std::filesystem::path console() const { return file("console.log"); }
  // What one domain printed, without Xen's prefixes.
  [[nodiscard]] std::filesystem::path domain(std::string_view name) const;
  // QEMU's command line and messages.
  [[nodiscard]] std::filesystem::path qemu() const { return file("qemu.log"); }
  // The command line and the words of a guest's program on the model.
  [[nodiscard]] std::filesystem::path model() const { return file("model.log"); }
  // What dom0 told of the guests, and the part of its file system that only this run has.
  [[nodiscard]] std::filesystem::path toolstack() const { return file("toolstack.log"); }
  [[nodiscard]] std::filesystem::path dom0_files() const { return file("dom0.cpio"); }
  [[nodiscard]] std::filesystem::path device_tree() const { return file("machine.dtb"); }

 private:
  explicit Run_files(std::filesystem::path start) : start_{std::move(start)} {}
  [[nodiscard]] std::filesystem::path file(std::string_view end) const;

  std::filesystem::path start_;  // what all names begin with; a folder when it ends with a slash
};

}  // namespace enlighten::runner
