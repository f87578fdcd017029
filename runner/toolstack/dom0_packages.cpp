// SPDX-License-Identifier: MIT
// The Debian packages that make a dom0: a kernel, Xen's tools of one release, and the libraries those need.
#include <runner/toolstack/dom0_packages.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <fmt/ranges.h>

#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/toolstack/dom0_image.hpp>

namespace enlighten::runner {
namespace {

constexpr std::string_view kernel_start = "linux-image-";
constexpr std::string_view kernel_end = "-cloud-arm64";
// Of all of Debian's kernels for arm64 the one for virtual machines is the smallest.
constexpr const char* kernel_pattern = "^linux-image-[0-9.]+-[0-9]+-cloud-arm64$";

bool is_kernel(std::string_view name) {
  return name.starts_with(kernel_start) && name.ends_with(kernel_end);
}

// "6.1.0-56" as numbers.
std::vector<unsigned long> version_of(std::string_view kernel) {
  std::vector<unsigned long> numbers;
  std::size_t at = kernel_start.size();
  while (at < kernel.size() && kernel[at] >= '0' && kernel[at] <= '9') {
    char* end = nullptr;
    numbers.push_back(std::strtoul(kernel.data() + at, &end, 10));
    at = static_cast<std::size_t>(end - kernel.data()) + 1;
  }
  return numbers;
}

std::string choose_kernel() {
  std::vector<std::string> names;
  std::ranges::transform(cached_packages(), std::back_inserter(names), &Unpacked_package::name);
  for (const Lists lists : {Lists::as_they_are, Lists::fresh}) {
    if (const std::string kernel = latest_kernel(names); !kernel.empty()) {
      return kernel;
    }
    names = available_packages(kernel_pattern, "linux-image-cloud-arm64", lists);
  }
  const std::string kernel = latest_kernel(names);
  if (kernel.empty()) {
    throw Failure{"this machine's package sources have no kernel for arm64: no linux-image-VERSION-cloud-arm64"};
  }
  return kernel;
}

// Libraries are followed to what they need in turn; what else a package depends on (Python, for scripts that are
// not used here; what installs it on a real machine) is not.
bool is_library(std::string_view name) {
  return name.starts_with("lib") || name.starts_with("zlib");
}

std::vector<std::string> resolve(const std::string& xen_release) {
  std::vector<std::string> names{"xen-utils-" + xen_release, "xenstore-utils", "busybox-static"};
  // Found once; a package that is not there yet brings its name into the lists.
  static_cast<void>(fetch_package(names.front()));
  for (std::size_t known = 0; known < names.size();) {
    const std::vector<std::string> level{names.begin() + static_cast<std::ptrdiff_t>(known), names.end()};
    known = names.size();
    for (const std::string& name : package_dependencies(level)) {
      if (is_library(name) && std::ranges::find(names, name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> read_names(const std::filesystem::path& list) {
  std::vector<std::string> names;
  std::ifstream file{list};
  for (std::string name; std::getline(file, name);) {
    names.push_back(name);
  }
  return names;
}

// What a release's tools need is asked for once and kept, because asking takes longer than all else that a run does
// before it boots.
std::vector<std::string> tool_names(const std::string& xen_release) {
  const auto list = dom0_folder() / fmt::format("xen-{}.packages", xen_release);
  if (auto names = read_names(list); !names.empty()) {
    return names;
  }
  auto names = resolve(xen_release);
  write_whole_file(list, fmt::format("{}\n", fmt::join(names, "\n")));
  return names;
}

}  // namespace

std::string latest_kernel(const std::vector<std::string>& names) {
  std::string latest;
  for (const std::string& name : names) {
    if (is_kernel(name) && (latest.empty() || version_of(name) > version_of(latest))) {
      latest = name;
    }
  }
  return latest;
}

Dom0_packages fetch_dom0_packages(const std::string& xen_release) {
  const std::string kernel = choose_kernel();
  Dom0_packages packages{
      .kernel = fetch_package(kernel), .kernel_release = kernel.substr(kernel_start.size()), .tools = {}};
  for (const std::string& name : tool_names(xen_release)) {
    packages.tools.push_back(fetch_package(name));
  }
  return packages;
}

}  // namespace enlighten::runner
