// SPDX-License-Identifier: MIT
// From what was asked for on the command line to the guests of a boot and the event channels between them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <runner/boot.hpp>
#include <runner/options.hpp>

namespace enlighten::runner {

// Finds the image, building an example.
[[nodiscard]] Guest plan_guest(const Guest_options& options);

// Finds the images, building examples, and refuses two guests of one name: it is how they are told apart, on the
// command line, on the console and in the report.
[[nodiscard]] std::vector<Guest> plan_guests(const Run_options& options);

// "10:b:11": what --event-channel of guest `own` was given. What it says of ports and names is checked.
[[nodiscard]] Event_channel parse_channel(std::string_view text, std::size_t own, std::span<const Guest> guests);

// The channels of all guests; a port that has two of them is refused.
[[nodiscard]] std::vector<Event_channel> plan_channels(const Run_options& options, std::span<const Guest> guests);

}  // namespace enlighten::runner
