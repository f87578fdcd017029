// SPDX-License-Identifier: MIT
// The Debian packages this machine should have.
#include <runner/host_packages.hpp>

#include <fstream>
#include <sstream>

#include <runner/failure.hpp>
#include <runner/process.hpp>

namespace enlighten::runner {

std::vector<Host_package> read_package_list(const std::filesystem::path& file) {
  std::ifstream lines{file};
  if (!lines) {
    throw Failure{"{} cannot be read", file.string()};
  }
  std::vector<Host_package> packages;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    std::istringstream words{line};
    Host_package package;
    words >> package.group >> package.name >> std::ws;
    std::getline(words, package.purpose);
    packages.push_back(std::move(package));
  }
  return packages;
}

std::set<std::string> installed_packages(const std::vector<Host_package>& packages) {
  Command command{.words = {"dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\\n"},
                  .environment = {},
                  .directory = {}};
  for (const Host_package& package : packages) {
    command.words.push_back(package.name);
  }
  // Its status only says that not all are known.
  std::istringstream lines{run(command).output};
  std::set<std::string> installed;
  std::string status;
  std::string name;
  while (lines >> status >> name) {
    if (status == "installed") {
      installed.insert(name);
    }
  }
  return installed;
}

}  // namespace enlighten::runner
