// SPDX-License-Identifier: MIT
// Reads a run's console as it comes and tells when the run is over, and why.
#include <runner/watch.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <runner/toolstack/dom0_messages.hpp>

namespace enlighten::runner {
namespace {

// What Xen says about a domain it cannot make before it panics over it.
constexpr std::array<std::string_view, 5> complaints{"Device tree generation failed",
                                                     "Failed to allocate requested domain memory", "Unable to",
                                                     "Invalid ", "Missing property"};

constexpr std::string_view panic_mark = "Panic on CPU ";
constexpr std::string_view dom0_panic_mark = "Kernel panic - not syncing: ";
constexpr std::string_view panic_frame = "*****";

// "Domain 1 (vcpu#2) crashed on cpu#0:"; the number.
std::optional<unsigned> crashed_domain(std::string_view text) {
  constexpr std::string_view start = "Domain ";
  if (!text.starts_with(start) || !text.contains(" (vcpu#") || !text.contains(") crashed on cpu#")) {
    return std::nullopt;
  }
  unsigned domain = 0;
  const auto [rest, error] = std::from_chars(text.data() + start.size(), text.data() + text.size(), domain);
  return error == std::errc{} ? std::optional{domain} : std::nullopt;
}

}  // namespace

Watch::Watch(std::span<const Domain> domains, Dom0_work work) : work_{work} {
  for (const Domain& domain : domains) {
    guests_.push_back({.name = domain.name, .vcpus = domain.vcpus, .parser = {}});
  }
}

void Watch::read(const Console_line& line) {
  if (line.writer == Writer::machine) {
    read_xen(line.text);
  } else if (line.writer == Writer::toolstack) {
    read_toolstack(line.text);
  } else if (line.guest() < guests_.size()) {
    Guest& guest = guests_[line.guest()];
    guest.spoke = true;
    guest.parser.line(line.text);
  }
}

bool Watch::over() const noexcept {
  if (panicked_ || toolstack_failed_ || work_.shell) {
    return panicked_ || toolstack_failed_ || shell_ended_;
  }
  return (!work_.script || script_status_) && std::ranges::all_of(guests_, &Guest::over);
}

bool Watch::left_early() const noexcept {
  return shell_ended_ && !std::ranges::all_of(guests_, &Guest::over);
}

std::string Watch::unfinished() const {
  std::vector<std::string> sentences;
  for (const Guest& guest : guests_) {
    if (!guest.over()) {
      sentences.push_back(fmt::format("{} has {}", guests_.size() == 1 ? "it" : guest.name,
                                      guest.spoke ? "not said how it ended" : "printed nothing"));
    }
  }
  if (work_.script && !script_status_) {
    sentences.emplace_back("dom0's script has not ended");
  }
  return fmt::format("{}", fmt::join(sentences, ", "));
}

void Watch::read_toolstack(const std::string& text) {
  const auto message = read_dom0_message(text);
  if (!message) {
    return;
  }
  using enum Dom0_message::Kind;
  switch (message->kind) {
    case said:
      toolstack_words_.push_back(message->text);
      break;
    case failed:
      toolstack_words_.push_back(message->text);
      toolstack_failed_ = true;
      break;
    case refused:
    case ended:
      if (message->guest < guests_.size()) {
        Guest& guest = guests_[message->guest];
        (message->kind == refused ? guest.refused : guest.ended) = true;
      }
      break;
    case script_ended:
      script_status_ = message->status;
      break;
    case shell_ended:
      shell_ended_ = true;
      break;
    case created:
    case script:
      break;
  }
}

std::string Watch::toolstack_words() const {
  const bool wrong = toolstack_failed_ || std::ranges::any_of(guests_, &Guest::refused);
  return wrong ? fmt::format("{}", fmt::join(toolstack_words_, " / ")) : std::string{};
}

void Watch::read_xen(const std::string& text) {
  if (in_panic_) {
    // The message stands between two rows of stars; the run is over when it is complete.
    if (text.starts_with(panic_frame)) {
      in_panic_ = false;
      panicked_ = true;
    } else if (!text.empty()) {
      words_.push_back(text);
    }
  } else if (text.starts_with(panic_mark)) {
    in_panic_ = true;
  } else if (text.contains(dom0_panic_mark)) {
    toolstack_failed_ = true;
    toolstack_words_.push_back("dom0: " + text);
  } else if (const auto domain = crashed_domain(text)) {
    if (*domain != 0 && *domain <= guests_.size()) {
      guests_[*domain - 1].crashed = true;
    }
    words_.push_back(text);
  } else if (std::ranges::any_of(complaints, [&](std::string_view start) { return text.starts_with(start); })) {
    words_.push_back(text);
  }
}

std::string Watch::xen_words() const {
  const std::string said = fmt::format("{}", fmt::join(words_, " / "));
  const auto largest = std::ranges::max_element(guests_, {}, &Guest::vcpus);
  const std::string explained = meaning(said, largest == guests_.end() ? 0 : largest->vcpus);
  return explained.empty() ? said : fmt::format("\"{}\", which means: {}", said, explained);
}

void Watch::tell(report::Run& run) {
  if (panicked_ || in_panic_) {
    run.ending = report::Machine_ending::xen_panicked;
    run.ending_text = xen_words();
  }
  for (std::size_t index = 0; index < guests_.size(); ++index) {
    guests_[index].parser.finish_into(run.domains.at(index));
    tell(guests_[index], run.domains.at(index));
  }
  if (work_.script) {
    tell_script(run.domains.at(guests_.size()));
  }
}

void Watch::tell_script(report::Domain& domain) const {
  if (script_status_) {
    domain.ending = report::Domain_ending::shut_down;
    domain.end =
        report::Statement{.verdict = *script_status_ == 0 ? report::Verdict::success : report::Verdict::failure,
                          .code = *script_status_,
                          .reason = fmt::format("the script returned {}", *script_status_)};
  }
}

void Watch::tell(const Guest& guest, report::Domain& domain) const {
  if (panicked_ || in_panic_) {
    domain.ending = guest.spoke ? report::Domain_ending::unknown : report::Domain_ending::refused;
  } else if (guest.refused || toolstack_failed_) {
    domain.ending = report::Domain_ending::refused;
  } else if (guest.crashed) {
    domain.ending = report::Domain_ending::crashed;
  } else if (domain.end || guest.ended) {
    domain.ending = report::Domain_ending::shut_down;
  }
}

std::string meaning(std::string_view xen_words, unsigned vcpus) {
  if (xen_words.contains("Device tree generation failed (-3)")) {
    return fmt::format(
        "this Xen builds a domain's device tree in 4 KiB, and {} vCPUs do not fit (28 do with a short --args; "
        "the latest Xen has no such limit)",
        vcpus);
  }
  if (xen_words.contains("Failed to allocate requested domain memory")) {
    return "the emulated machine has too little memory for the domain; ask for less with --memory";
  }
  if (xen_words.contains("Error creating domain")) {
    return fmt::format("this Xen refuses a domain of {} vCPUs; ask for fewer with --vcpus", vcpus);
  }
  if (xen_words.contains("Unable to find compatible timer")) {
    return "this Xen does not run on QEMU's virt machine";
  }
  return {};
}

}  // namespace enlighten::runner
