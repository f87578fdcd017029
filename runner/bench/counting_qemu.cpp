// SPDX-License-Identifier: MIT
// The QEMU that counts: version 10, which Debian 12 has in its backports.
#include <runner/bench/counting_qemu.hpp>

#include <sstream>

#include <runner/apt_root.hpp>
#include <runner/cache.hpp>
#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/process.hpp>

namespace enlighten::runner {
namespace {

// Under -icount the version in the release itself lets all CPUs but one starve.
constexpr const char* suite = "bookworm-backports";

std::string say(std::vector<std::string> words) {
  const Completed completed =
      run({.words = std::move(words), .environment = {{"LC_ALL", "C.UTF-8"}}, .directory = {}});
  if (!completed.status.success()) {
    throw Failure{"apt cannot tell where this machine's packages come from: {}", completed.last_words()};
  }
  return completed.output;
}

// The backports lie beside the release itself, wherever this machine has that from.
std::string backports_source() {
  std::istringstream lines{
      say({"apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"})};
  std::string codename;
  std::string component;
  std::string address;
  while (lines >> codename >> component >> address) {
    if (codename == "bookworm" && component == "main") {
      return fmt::format("deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {} {} main\n", address,
                         suite);
    }
  }
  throw Failure{
      "counting takes QEMU 10, which is in Debian's {}: this machine has no bookworm main to find it beside",
      suite};
}

}  // namespace

std::filesystem::path find_counting_qemu() {
  const auto folder = cache_folder() / "packages" / "counting-qemu";
  const auto program = folder / "qemu-system-arm" / "usr" / "bin" / "qemu-system-aarch64";
  const auto data = folder / "qemu-system-data";
  if (std::filesystem::exists(program) && std::filesystem::exists(data)) {
    return program;
  }
  const File_lock held = lock_cache();
  std::string architecture = say({"dpkg", "--print-architecture"});
  architecture.resize(architecture.find('\n'));
  Apt_root root{architecture, cache_folder() / "apt" / "counting-qemu", backports_source()};
  root.update();
  if (root.names("^qemu-system-arm$").empty()) {
    throw Failure{"there is no qemu-system-arm in {} for {}; apt's last words: {}", suite, architecture,
                  root.complaint()};
  }
  root.unpack("qemu-system-data", data);
  root.unpack("qemu-system-arm", folder / "qemu-system-arm");
  return program;
}

}  // namespace enlighten::runner
