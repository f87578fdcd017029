// SPDX-License-Identifier: MIT
// Which Xen is booted: a file of the user's, or Debian's own package from the cache or the package sources.
#include <runner/xen_package.hpp>

#include <algorithm>
#include <string_view>

#include <fmt/ranges.h>

#include <runner/failure.hpp>
#include <runner/image.hpp>

namespace enlighten::runner {
namespace {

constexpr std::string_view name_start = "xen-hypervisor-";
constexpr std::string_view name_end = "-arm64";
constexpr const char* name_pattern = "^xen-hypervisor-[0-9.]+-arm64$";

std::string package_name(const std::string& release) {
  return fmt::format("{}{}{}", name_start, release, name_end);
}

std::vector<std::string> releases(std::vector<std::string> names) {
  std::erase_if(names,
                [](const std::string& name) { return !name.starts_with(name_start) || !name.ends_with(name_end); });
  for (std::string& name : names) {
    name = name.substr(name_start.size(), name.size() - name_start.size() - name_end.size());
  }
  std::erase_if(names, [](const std::string& name) { return !is_release(name); });
  std::ranges::sort(names, later_release);
  return names;
}

Xen fetch_release(const std::string& release) {
  const Unpacked_package package = fetch_package(package_name(release));
  const auto path = package.folder / "boot" / fmt::format("xen-{}{}", release, name_end);
  return {.path = open_xen_image(path),
          .release = release,
          .package = fmt::format("{} {}", package.name, package.version),
          .version = package.version};
}

std::string choose_available(const std::optional<std::string>& wanted) {
  const auto offered = [&](const std::vector<std::string>& releases) {
    return wanted ? std::ranges::find(releases, *wanted) != releases.end() : !releases.empty();
  };
  auto available = available_xen_releases(Lists::as_they_are);
  if (!offered(available)) {
    available = available_xen_releases(Lists::fresh);
  }
  if (!offered(available)) {
    throw Failure{"--xen {}: this machine's package sources have no such release for arm64, only {}",
                  wanted.value_or("(highest)"), fmt::join(available, ", ")};
  }
  return wanted.value_or(available.front());
}

}  // namespace

std::string Xen::name() const {
  return package.empty() ? fmt::format("Xen {}", path.string())
                         : fmt::format("Xen {} (Debian's {})", release, version);
}

bool is_release(const std::string& text) {
  const std::size_t dot = text.find('.');
  return dot != 0 && dot != std::string::npos && dot + 1 < text.size() &&
         text.find_first_not_of("0123456789.") == std::string::npos && text.find('.', dot + 1) == std::string::npos;
}

bool later_release(const std::string& left, const std::string& right) {
  const auto numbers = [](const std::string& release) {
    std::vector<unsigned long> parts;
    for (std::size_t start = 0; start < release.size();) {
      const std::size_t end = std::min(release.find('.', start), release.size());
      parts.push_back(std::strtoul(release.c_str() + start, nullptr, 10));
      start = end + 1;
    }
    return parts;
  };
  return numbers(left) > numbers(right);
}

std::vector<std::string> cached_xen_releases() {
  std::vector<std::string> names;
  for (const Unpacked_package& package : cached_packages()) {
    names.push_back(package.name);
  }
  return releases(std::move(names));
}

std::vector<std::string> available_xen_releases(Lists lists) {
  return releases(available_packages(name_pattern, "xen-hypervisor", lists));
}

Xen find_xen(const std::optional<std::string>& wanted) {
  if (wanted && !is_release(*wanted)) {
    return {.path = open_xen_image(*wanted), .release = {}, .package = {}, .version = {}};
  }
  const auto cached = cached_xen_releases();
  if (wanted && std::ranges::find(cached, *wanted) != cached.end()) {
    return fetch_release(*wanted);
  }
  if (!wanted && !cached.empty()) {
    return fetch_release(cached.front());
  }
  return fetch_release(choose_available(wanted));
}

}  // namespace enlighten::runner
