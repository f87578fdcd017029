// SPDX-License-Identifier: MIT
// From what was asked for on the command line to the guests of a boot and the event channels between them.
#include <runner/guest_plan.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <runner/examples.hpp>
#include <runner/failure.hpp>
#include <runner/run_trace.hpp>

namespace enlighten::runner {
namespace {

// max_evtchn_port of a domain that Xen creates at boot ([xen] arm/domain_build.c).
constexpr std::uint32_t last_port = 1023;

bool may_be_in_a_name(char one) {
  return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') || one == '-' ||
         one == '_' || one == '.';
}

// A name is part of a file's, and stands before each line of its guest.
void check_name(std::string_view name) {
  if (name.empty() || name.front() == '.' || !std::ranges::all_of(name, may_be_in_a_name)) {
    throw Failure{"--name {}: a name is made of letters, digits, '-', '_' and '.'", name};
  }
  if (name == "console" || name == "qemu" || name == "toolstack" || name == "dom0") {
    throw Failure{"--name {}: that is the name of a log of the run's own", name};
  }
}

std::optional<std::uint32_t> port_in(std::string_view text) {
  std::uint32_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  return error == std::errc{} && rest == end && port != 0 && port <= last_port ? std::optional{port} : std::nullopt;
}

// Both ends of all channels so far.
bool in_use(const std::vector<Event_channel>& channels, const Channel_end& end) {
  return std::ranges::any_of(
      channels, [&](const Event_channel& channel) { return channel.one == end || channel.other == end; });
}

}  // namespace

Guest plan_guest(const Guest_options& options) {
  Guest_image image = open_guest_image(find_image(options.what));
  if (options.called) {
    check_name(*options.called);
  }
  const std::string name = options.called.value_or(image.name());
  return {
      .image = std::move(image),
      .domain = {
          .name = name, .vcpus = options.vcpus, .memory_mib = options.memory_mib, .arguments = options.arguments}};
}

std::vector<Guest> plan_guests(const Run_options& options) {
  std::vector<Guest> guests;
  guests.push_back(plan_guest(options));
  for (const Guest_options& more : options.more_guests) {
    guests.push_back(plan_guest(more));
    const std::string& name = guests.back().domain.name;
    if (std::ranges::count(guests, name, [](const Guest& guest) { return guest.domain.name; }) != 1) {
      throw Failure{"two guests are called {}; give one another name with --name", name};
    }
  }
  if (options.trace) {
    for (Guest& guest : guests) {
      guest.domain.arguments = Run_trace::arguments(guest.domain.arguments);
    }
  }
  return guests;
}

Event_channel parse_channel(std::string_view text, std::size_t own, std::span<const Guest> guests) {
  const std::size_t first = text.find(':');
  const std::size_t last = text.rfind(':');
  if (first == std::string_view::npos || first == last) {
    throw Failure{"--event-channel {}: it is PORT:NAME:PORT, the guest's own port, the other guest and its port",
                  text};
  }
  const std::string_view name = text.substr(first + 1, last - first - 1);
  const auto port = port_in(text.substr(0, first));
  const auto other_port = port_in(text.substr(last + 1));
  if (!port || !other_port) {
    throw Failure{"--event-channel {}: ports are 1 to {}", text, last_port};
  }
  const auto other = std::ranges::find(guests, name, [](const Guest& guest) { return guest.domain.name; });
  if (other == guests.end()) {
    std::vector<std::string> names;
    std::ranges::transform(guests, std::back_inserter(names), [](const Guest& guest) { return guest.domain.name; });
    throw Failure{"--event-channel {}: no guest of this run is called {}; there is {}", text, name,
                  fmt::join(names, ", ")};
  }
  const auto index = static_cast<std::size_t>(other - guests.begin());
  if (index == own) {
    throw Failure{"--event-channel {}: {} is the guest itself; a channel is between two", text, name};
  }
  return {.one = {own, *port}, .other = {index, *other_port}};
}

std::vector<Event_channel> plan_channels(const Run_options& options, std::span<const Guest> guests) {
  std::vector<Event_channel> channels;
  const auto add = [&](std::size_t own, const Guest_options& guest) {
    for (const std::string& text : guest.event_channels) {
      const Event_channel channel = parse_channel(text, own, guests);
      for (const Channel_end& end : {channel.one, channel.other}) {
        if (in_use(channels, end)) {
          throw Failure{"--event-channel {}: port {} of {} is in another channel already", text, end.port,
                        guests[end.domain].domain.name};
        }
      }
      channels.push_back(channel);
    }
  };
  add(0, options);
  for (std::size_t index = 0; index < options.more_guests.size(); ++index) {
    add(index + 1, options.more_guests[index]);
  }
  return channels;
}

}  // namespace enlighten::runner
