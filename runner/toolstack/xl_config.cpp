// SPDX-License-Identifier: MIT
// What xl is told of a guest.
#include <runner/toolstack/xl_config.hpp>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

// xl reads a string between quotes of either kind and has no way to write that one within it.
std::string quoted(std::string_view text, std::string_view option) {
  const char quote = text.contains('"') ? '\'' : '"';
  if (text.contains(quote) || text.contains('\n')) {
    throw Failure{"{} {}: xl's configuration cannot hold both kinds of quotes, nor a line end", option, text};
  }
  return fmt::format("{}{}{}", quote, text, quote);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r");
  return start == std::string_view::npos ? std::string_view{}
                                         : text.substr(start, text.find_last_not_of(" \t\r;") + 1 - start);
}

std::string name_and_kernel(const Domain& domain, std::string_view kernel) {
  return fmt::format("name = {}\nkernel = {}\n", quoted(domain.name, "--name"), quoted(kernel, "the image"));
}

// A guest has one life in a run, whose end is told.
constexpr std::string_view one_life =
    "on_poweroff = \"destroy\"\non_reboot = \"destroy\"\non_crash = \"destroy\"\n";

}  // namespace

std::string xl_config(const Domain& domain, std::string_view kernel) {
  std::string config = name_and_kernel(domain, kernel);
  config += fmt::format("type = \"pvh\"\nvcpus = {}\nmemory = {}\n", domain.vcpus, domain.memory_mib);
  if (!domain.arguments.empty()) {
    config += fmt::format("extra = {}\n", quoted(domain.arguments, "--args"));
  }
  return config.append(one_life);
}

std::string adapt_xl_config(std::string_view own, const Domain& domain, std::string_view kernel) {
  std::string config{own};
  config += "\n# By the runner.\n" + name_and_kernel(domain, kernel);
  if (!domain.arguments.empty()) {
    config += fmt::format("extra = {}\n", quoted(domain.arguments, "--args"));
  }
  return config.append(one_life);
}

std::optional<std::string> xl_setting(std::string_view config, std::string_view key) {
  std::optional<std::string> value;
  while (!config.empty()) {
    const std::size_t end = std::min(config.find('\n'), config.size());
    const std::string_view line = config.substr(0, end);
    config.remove_prefix(std::min(end + 1, config.size()));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || trimmed(line.substr(0, equals)) != key) {
      continue;
    }
    std::string_view text = trimmed(line.substr(equals + 1));
    if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
      const std::size_t close = text.find(text.front(), 1);
      value = text.substr(1, close == std::string_view::npos ? close : close - 1);
    } else {
      value = trimmed(text.substr(0, text.find('#')));
    }
  }
  return value;
}

std::optional<std::uint64_t> xl_number(std::string_view config, std::string_view key) {
  const auto text = xl_setting(config, key);
  std::uint64_t number = 0;
  if (!text) {
    return std::nullopt;
  }
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  return error == std::errc{} && rest == end ? std::optional{number} : std::nullopt;
}

}  // namespace enlighten::runner
