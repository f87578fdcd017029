// SPDX-License-Identifier: MIT
// Debian packages of a foreign architecture, from the package sources this machine has, without changing its
// configuration.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace enlighten::runner {

// apt with lists, cache and status of its own for one architecture. Sources, keys and proxies are the host's, which
// are only read; signatures are checked as always.
class Apt_root {
 public:
  // `sources`: lines of a sources.list to use in place of the host's.
  Apt_root(std::string architecture, std::filesystem::path folder, std::string sources = {});

  // Reads the sources' lists anew. A source that fails stops nothing here: what matters is whether the package that
  // is wanted next can be found.
  void update();

  // The names of the packages that match a regular expression, from the lists as they are.
  [[nodiscard]] std::vector<std::string> names(const std::string& pattern) const;

  // The packages that these depend on themselves, from the lists as they are; of alternatives all.
  [[nodiscard]] std::vector<std::string> dependencies(const std::vector<std::string>& packages) const;

  // Downloads a package and unpacks it into `destination`, which appears complete or not at all. Returns its
  // version.
  std::string unpack(const std::string& package, const std::filesystem::path& destination) const;

  // apt's last words about a source that failed in the update; empty when all went well.
  [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }

 private:
  [[nodiscard]] std::vector<std::string> words(std::string_view program) const;
  void write_configuration() const;

  std::string architecture_;
  std::filesystem::path folder_;
  std::string sources_;
  std::string complaint_;
};

}  // namespace enlighten::runner
