// SPDX-License-Identifier: MIT
// Reads a run's console as it comes and tells when the run is over, and why.
#pragma once

#include <optional>
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
  explicit Watch(const Domain& domain) : vcpus_{domain.vcpus} {}

  void read(const Console_line& line);

  // The guest has said its last word, or Xen has ended it or itself: what is still to come is the rest of a
  // message.
  [[nodiscard]] bool over() const noexcept { return parser_.end().has_value() || panicked_ || crashed_; }

  // Whether the guest has got as far as printing anything.
  [[nodiscard]] bool guest_spoke() const noexcept { return guest_spoke_; }

  // Xen's own words about the end with what they mean; empty when it had none.
  [[nodiscard]] std::string xen_words() const;

  // Sets what was seen: of the domain, its console's contents and how it ended, and that Xen panicked.
  void tell(report::Run& run, report::Domain& domain);

 private:
  void read_xen(const std::string& text);

  unsigned vcpus_;
  report::Console_parser parser_;
  bool guest_spoke_ = false;
  bool in_panic_ = false;
  bool panicked_ = false;
  bool crashed_ = false;
  std::vector<std::string> words_;
};

// What a message of Xen's means for who asked for the run; empty when there is nothing to add to it.
[[nodiscard]] std::string meaning(std::string_view xen_words, unsigned vcpus);

}  // namespace enlighten::runner
