// SPDX-License-Identifier: MIT
// Reads a run's console as it comes and tells when the run is over, and why.
#include <runner/watch.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace enlighten::runner {
namespace {

// What Xen says about a domain it cannot make before it panics over it.
constexpr std::array<std::string_view, 5> complaints{"Device tree generation failed",
                                                     "Failed to allocate requested domain memory", "Unable to",
                                                     "Invalid ", "Missing property"};

constexpr std::string_view panic_mark = "Panic on CPU ";
constexpr std::string_view panic_frame = "*****";

bool is_domain_crash(const std::string& text) {
  return text.starts_with("Domain ") && text.contains(" (vcpu#") && text.contains(") crashed on cpu#");
}

}  // namespace

void Watch::read(const Console_line& line) {
  if (line.writer == Writer::machine) {
    read_xen(line.text);
  } else {
    guest_spoke_ = true;
    parser_.line(line.text);
  }
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
  } else if (is_domain_crash(text)) {
    crashed_ = true;
    words_.push_back(text);
  } else if (std::ranges::any_of(complaints, [&](std::string_view start) { return text.starts_with(start); })) {
    words_.push_back(text);
  }
}

std::string Watch::xen_words() const {
  const std::string said = fmt::format("{}", fmt::join(words_, " / "));
  const std::string explained = meaning(said, vcpus_);
  return explained.empty() ? said : fmt::format("\"{}\", which means: {}", said, explained);
}

void Watch::tell(report::Run& run, report::Domain& domain) {
  parser_.finish_into(domain);
  if (panicked_ || in_panic_) {
    run.ending = report::Machine_ending::xen_panicked;
    run.ending_text = xen_words();
    domain.ending = guest_spoke_ ? report::Domain_ending::unknown : report::Domain_ending::refused;
  } else if (crashed_) {
    domain.ending = report::Domain_ending::crashed;
  } else if (domain.end) {
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
