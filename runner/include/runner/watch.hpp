// SPDX-License-Identifier: MIT
// Reads a run's console as it comes and tells when the run is over, and why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <report_host/parser.hpp>
#include <report_host/run.hpp>

#include <runner/console.hpp>
#include <runner/machine.hpp>

namespace enlighten::runner {

class Watch {
 public:
  // What else must come to an end: dom0's script, or the user's shell there, which then ends the run alone.
  struct Dom0_work {
    bool script = false;
    bool shell = false;
  };

  explicit Watch(std::span<const Domain> domains, Dom0_work work);
  explicit Watch(std::span<const Domain> domains) : Watch{domains, Dom0_work{}} {}

  void read(const Console_line& line);

  // Every guest has said its last word, or Xen has ended it or itself: what is still to come is the rest of a
  // message.
  [[nodiscard]] bool over() const noexcept;

  // The user has left the shell with a guest still there.
  [[nodiscard]] bool left_early() const noexcept;

  // Who has not come to an end, and how far they got: "it has printed nothing".
  [[nodiscard]] std::string unfinished() const;

  // Xen's own words about the end with what they mean; empty when it had none.
  [[nodiscard]] std::string xen_words() const;

  // What xl said, when it made no guest or none was made at all; empty when all went well.
  [[nodiscard]] std::string toolstack_words() const;

  // Sets what was seen: of each of the run's domains, in the order of the guests, its console's contents and how it
  // ended, and that Xen panicked. Behind the guests, the script's result.
  void tell(report::Run& run);

 private:
  struct Guest {
    std::string name;
    unsigned vcpus;
    report::Console_parser parser;
    bool spoke = false;
    bool crashed = false;
    bool refused = false;  // by xl
    bool ended = false;    // says xl

    [[nodiscard]] bool over() const noexcept { return crashed || refused || ended || parser.end().has_value(); }
  };

  void read_xen(const std::string& text);
  void read_toolstack(const std::string& text);
  void tell_script(report::Domain& domain) const;
  void tell(const Guest& guest, report::Domain& domain) const;

  std::vector<Guest> guests_;
  bool in_panic_ = false;
  bool panicked_ = false;
  std::vector<std::string> words_;
  std::vector<std::string> toolstack_words_;
  bool toolstack_failed_ = false;
  Dom0_work work_;
  std::optional<int> script_status_;
  bool shell_ended_ = false;
};

// What a message of Xen's means for who asked for the run; empty when there is nothing to add to it.
[[nodiscard]] std::string meaning(std::string_view xen_words, unsigned vcpus);

}  // namespace enlighten::runner
