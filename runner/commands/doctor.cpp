// SPDX-License-Identifier: MIT
// `enlighten doctor`: looks for everything this project needs and says what to do about what is missing.
#include <filesystem>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <report/verdict.hpp>

#include <runner/arm64_packages.hpp>
#include <runner/cache.hpp>
#include <runner/commands.hpp>
#include <runner/failure.hpp>
#include <runner/host_packages.hpp>
#include <runner/machine.hpp>
#include <runner/places.hpp>
#include <runner/process.hpp>
#include <runner/qemu.hpp>
#include <runner/terminal.hpp>
#include <runner/xen_package.hpp>

namespace enlighten::runner {
namespace {

constexpr std::uintmax_t mib = std::uintmax_t{1} << 20U;
constexpr std::uintmax_t wanted_cache_mib = 400;
constexpr std::uintmax_t wanted_build_mib = 1500;
constexpr std::uint64_t wanted_memory_mib = 2048;

class Findings {
 public:
  void good(std::string_view what) { fmt::print("{}  {}\n", coloured(Colour::green, "ok     "), what); }
  void note(std::string_view what, std::string_view advice) {
    fmt::print("{}  {}: {}\n", coloured(Colour::yellow, "note   "), what, advice);
  }
  void bad(std::string_view what, std::string_view advice) {
    fmt::print("{}  {}: {}\n", coloured(Colour::red, "missing"), what, advice);
    healthy_ = false;
  }
  [[nodiscard]] bool healthy() const noexcept { return healthy_; }

 private:
  bool healthy_ = true;
};

void look_at_packages(Findings& findings) {
  const auto tree = find_source_tree();
  if (!tree) {
    findings.note("the source tree of Enlighten",
                  "not here, so only images can be run; clone it to build and to test");
    return;
  }
  if (!find_program("dpkg-query")) {
    findings.bad("dpkg-query", "this is no Debian, and packages cannot be looked for; see runner/packages.txt");
    return;
  }
  const auto packages = read_package_list(*tree / "runner" / "packages.txt");
  const auto installed = installed_packages(packages);
  for (const Host_package& package : packages) {
    const std::string what = fmt::format("{} ({}) {}", package.name, package.group, package.purpose);
    const std::string advice = fmt::format("as root: apt-get install {}", package.name);
    if (installed.contains(package.name)) {
      findings.good(what);
    } else if (package.group == "run") {
      findings.bad(what, "any ./enlighten run installs it, or " + advice);
    } else if (package.group == "debug") {
      findings.note(what, advice);
    } else {
      findings.note(what, fmt::format("./enlighten {} installs it, or {}", package.group, advice));
    }
  }
}

void look_at_qemu(Findings& findings) {
  try {
    findings.good("QEMU " + qemu_version());
  } catch (const Failure& failure) {
    findings.bad("QEMU", failure.what());
  }
}

void look_at_disk(Findings& findings, std::string_view use, const std::filesystem::path& folder,
                  std::uintmax_t wanted_mib) {
  const std::uintmax_t available = std::filesystem::space(folder).available / mib;
  const std::string what = fmt::format("disk for {}: {} MiB left in {}", use, available, folder.string());
  if (available >= wanted_mib) {
    findings.good(what);
  } else {
    findings.bad(what, fmt::format("make room for {} MiB", wanted_mib));
  }
}

void look_at_memory(Findings& findings) {
  const std::uint64_t available = available_host_memory_mib();
  const std::string what = fmt::format("memory: {} MiB left", available);
  if (available >= wanted_memory_mib) {
    findings.good(what);
  } else {
    findings.bad(what,
                 fmt::format("a machine with Xen and a guest wants {} MiB; end other programs", wanted_memory_mib));
  }
}

void look_at_cache(Findings& findings) {
  const auto packages = cached_packages();
  for (const Unpacked_package& package : packages) {
    findings.good(fmt::format("{} {} for arm64, in the cache", package.name, package.version));
  }
  for (const Cached_part& part : cached_parts()) {
    findings.good(fmt::format("cache: {:.1f} MiB of {} in {}; ./enlighten clean frees it",
                              static_cast<double>(part.bytes) / mib, part.what, part.folder.string()));
  }
  if (cached_xen_releases().empty()) {
    findings.note("no Xen in the cache", "the first run fetches one");
  }
  for (const char* const program : {"apt-get", "apt-cache", "dpkg-deb"}) {
    if (!find_program(program)) {
      findings.bad(program, "Xen cannot be fetched without it; give one with --xen PATH");
    }
  }
}

}  // namespace

int doctor_command() {
  Findings findings;
  look_at_packages(findings);
  look_at_qemu(findings);
  look_at_cache(findings);
  look_at_disk(findings, "the cache", cache_folder(), wanted_cache_mib);
  if (const auto tree = find_source_tree()) {
    look_at_disk(findings, "builds", *tree, wanted_build_mib);
  }
  look_at_memory(findings);
  fmt::print("{}\n", findings.healthy() ? "Everything a run needs is here."
                                        : "Something a run needs is missing; see above.");
  return report::exit_code(findings.healthy() ? report::Verdict::success : report::Verdict::error);
}

}  // namespace enlighten::runner
