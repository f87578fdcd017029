// SPDX-License-Identifier: MIT
// Gives the addresses in a guest's backtrace the names they have in its source.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace enlighten::runner {

class Symbolizer {
 public:
  // `symbols` is the ELF the image was made from, linked at address 0; without one, nothing is named. `reader` is
  // the addr2line for it.
  explicit Symbolizer(std::optional<std::filesystem::path> symbols,
                      std::string_view reader = "aarch64-linux-gnu-addr2line");

  // A backtrace line ("#1 pc=0x40001234 image+0x1234") with the function, the file and the line appended; any other
  // line as it is.
  [[nodiscard]] std::string annotate(const std::string& line);

 private:
  [[nodiscard]] std::string place_of(std::uint64_t offset) const;

  std::filesystem::path symbols_;  // empty: there are none
  std::filesystem::path program_;  // empty: nobody can read them
  std::map<std::uint64_t, std::string> known_;
};

// What addr2line -f -C -i prints for one address, as one phrase; empty when it knows nothing.
[[nodiscard]] std::string phrase_of(const std::string& addr2line_output, const std::filesystem::path& source_tree);

}  // namespace enlighten::runner
