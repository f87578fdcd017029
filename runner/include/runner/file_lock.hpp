// SPDX-License-Identifier: MIT
// Keeps two runs of the command from working in the same folder at once.
#pragma once

#include <filesystem>

namespace enlighten::runner {

// Held from construction on; waits, and says so, while another process holds it. The kernel gives it back when the
// process ends, however it ends.
class File_lock {
 public:
  explicit File_lock(const std::filesystem::path& file);
  File_lock(const File_lock&) = delete;
  File_lock& operator=(const File_lock&) = delete;
  ~File_lock();

 private:
  int descriptor_;
};

}  // namespace enlighten::runner
