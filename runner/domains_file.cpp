// SPDX-License-Identifier: MIT
// The guests of a run, from a TOML file in place of the command line.
#include <runner/domains_file.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

#include <runner/failure.hpp>
#include <runner/places.hpp>

namespace enlighten::runner {
namespace {

class Domains_file {
 public:
  explicit Domains_file(const std::filesystem::path& path) : path_{path} {}

  [[nodiscard]] std::vector<Guest_options> read() const {
    const toml::table file = parse();
    std::vector<Guest_options> guests;
    for (const auto& [key, value] : file) {
      const toml::array* const domains = key == "domain" ? value.as_array() : nullptr;
      if (domains == nullptr || !domains->is_array_of_tables()) {
        throw wrong(key, key == "domain"
                             ? "each domain begins with a line [[domain]]"
                             : "there is no such key; a file consists of domains, each begun by [[domain]]");
      }
      for (const toml::node& domain : *domains) {
        guests.push_back(read_domain(*domain.as_table()));
      }
    }
    if (guests.empty()) {
      throw Failure{"{}: it has no domain; each begins with a line [[domain]]", path_.string()};
    }
    return guests;
  }

 private:
  [[nodiscard]] toml::table parse() const {
    if (std::filesystem::is_directory(path_)) {
      throw Failure{"--domains {}: it is a folder", path_.string()};
    }
    const auto text = read_file(path_);
    if (!text) {
      throw Failure{"--domains {}: it cannot be read", path_.string()};
    }
    try {
      return toml::parse(*text, path_.string());
    } catch (const toml::parse_error& error) {
      throw Failure{"{}:{}: {}", path_.string(), error.source().begin.line, error.description()};
    }
  }

  [[nodiscard]] Failure wrong(const toml::key& key, std::string_view what) const {
    return Failure{"{}:{}: {}: {}", path_.string(), key.source().begin.line, key.str(), what};
  }

  [[nodiscard]] std::string text(const toml::key& key, const toml::node& value) const {
    if (const auto* const found = value.as_string(); found != nullptr && !found->get().empty()) {
      return found->get();
    }
    throw wrong(key, "it is a text between quotes, and not empty");
  }

  template <typename Number>
  [[nodiscard]] Number number(const toml::key& key, const toml::node& value) const {
    const auto* const found = value.as_integer();
    // TOML's numbers have a sign.
    if (found == nullptr || found->get() < 1 || !std::in_range<Number>(found->get())) {
      throw wrong(key, "it is a whole number from 1 on");
    }
    return static_cast<Number>(found->get());
  }

  [[nodiscard]] std::vector<std::string> texts(const toml::key& key, const toml::node& value) const {
    std::vector<std::string> all;
    if (value.as_array() == nullptr) {
      throw wrong(key, "it is a list of texts");
    }
    for (const toml::node& one : *value.as_array()) {
      all.push_back(text(key, one));
    }
    return all;
  }

  [[nodiscard]] std::filesystem::path beside_file(const std::string& name) const {
    return path_.parent_path() / name;
  }
  // A word alone may be a file beside this one, and else is an example's name.
  [[nodiscard]] std::string image(const std::string& word) const {
    const std::filesystem::path file = beside_file(word);
    const bool is_file = word.contains('/') || std::filesystem::is_regular_file(file);
    return is_file ? std::filesystem::absolute(file).string() : word;
  }

  [[nodiscard]] Guest_options read_domain(const toml::table& domain) const {
    Guest_options guest;
    for (const auto& [key, value] : domain) {
      if (key == "image") {
        guest.what = image(text(key, value));
      } else if (key == "name") {
        guest.called = text(key, value);
      } else if (key == "vcpus") {
        guest.vcpus = number<unsigned>(key, value);
      } else if (key == "memory") {
        guest.memory_mib = number<std::uint64_t>(key, value);
      } else if (key == "args") {
        guest.arguments = text(key, value);
      } else if (key == "xl-config") {
        guest.xl_config = beside_file(text(key, value));
      } else if (key == "event-channels") {
        guest.event_channels = texts(key, value);
      } else {
        throw wrong(
            key,
            "there is no such key; a domain has image, name, vcpus, memory, args, xl-config and event-channels");
      }
    }
    if (guest.what.empty()) {
      throw Failure{"{}:{}: this domain has no image", path_.string(), domain.source().begin.line};
    }
    return guest;
  }

  std::filesystem::path path_;
};

}  // namespace

std::vector<Guest_options> read_domains_file(const std::filesystem::path& path) {
  return Domains_file{path}.read();
}

}  // namespace enlighten::runner
