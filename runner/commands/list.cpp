// SPDX-License-Identifier: MIT
// `enlighten list`: what there is to run, and on what.
#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <runner/commands.hpp>
#include <runner/examples.hpp>
#include <runner/places.hpp>
#include <runner/xen_package.hpp>

namespace enlighten::runner {
namespace {

void print_programs(std::string_view title, const std::vector<Program>& programs) {
  std::size_t width = 0;
  for (const Program& program : programs) {
    width = std::max(width, program.name.size());
  }
  fmt::print("{}:\n", title);
  for (const Program& program : programs) {
    fmt::print("  {:{}}  {}\n", program.name, width, program.description);
  }
}

std::string listed(const std::vector<std::string>& releases, std::string_view none) {
  return releases.empty() ? std::string{none} : fmt::format("{}", fmt::join(releases, ", "));
}

}  // namespace

int list_command() {
  if (const auto tree = find_source_tree()) {
    print_programs("Examples", example_programs(*tree));
    print_programs("Test images", test_programs(*tree));
  }
  fmt::print("Xen releases for arm64:\n");
  fmt::print("  in the cache         {}\n", listed(cached_xen_releases(), "none yet; the first run fetches one"));
  fmt::print("  in package sources   {}\n",
             listed(available_xen_releases(Lists::as_they_are), "not known; --xen RELEASE asks them"));
  return 0;
}

}  // namespace enlighten::runner
