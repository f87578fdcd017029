// SPDX-License-Identifier: MIT
// What is known of one run: everything that its JSON and its JUnit file say.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <report/verdict.hpp>

namespace enlighten::report {

// A record as a guest printed it, its pairs in their order and without quotes and escapes.
struct Record {
  std::string kind;
  std::vector<std::pair<std::string, std::string>> pairs;

  [[nodiscard]] std::optional<std::string_view> text(std::string_view key) const;
  // Decimal with an optional sign, or hexadecimal with 0x.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;
};

enum class Outcome : std::uint8_t { passed, failed, skipped };

[[nodiscard]] std::string_view name(Outcome outcome);

struct Test {
  std::string name;  // that of a test within a group: `group/test`
  Outcome outcome = Outcome::failed;
  std::string reason;  // of a skip, or what follows another directive
  std::vector<std::string> diagnostics;
};

// Something about the lines that should not be so, although they could be read.
struct Problem {
  std::size_t line = 0;  // of the domain's console, the first is 1; 0: no line in particular
  std::string text;
};

struct Tests {
  bool reported = false;  // the console held KTAP at all
  std::vector<Test> cases;
  std::vector<Problem> problems;

  [[nodiscard]] std::size_t count(Outcome outcome) const;
};

// What a program said with its `end` record.
struct Statement {
  Verdict verdict = Verdict::error;
  std::int64_t code = 0;
  std::string reason;
};

// How a domain stopped, as Xen (or without Xen: QEMU) says.
enum class Domain_ending : std::uint8_t {
  unknown,    // nobody said; the machine stopped first
  shut_down,  // in order, also when it asked for a reboot
  crashed,
  refused,  // Xen did not build it
};

[[nodiscard]] std::string_view name(Domain_ending ending);

struct Domain {
  std::string name;
  std::string image;  // what it was made from
  unsigned vcpus = 0;
  std::filesystem::path console;  // the log of what it printed
  Domain_ending ending = Domain_ending::unknown;

  // The rest is read from the console, by Console_parser.
  std::optional<Statement> end;
  std::optional<std::string> panic;  // the reason of its first `panic` record
  Tests tests;
  std::map<std::string, std::int64_t> counts;  // all `count` records together; of a name's values the last counts
  std::vector<Record> records;                 // all of them, in their order
  std::vector<Problem> problems;               // of records

  // Both are set by conclude().
  Verdict verdict = Verdict::error;
  std::string reason;
};

// How the machine the domains ran on stopped.
enum class Machine_ending : std::uint8_t {
  stopped,      // all domains had ended, and so did QEMU
  timed_out,    // it had to be killed
  interrupted,  // the user ended it
  qemu_died,
  xen_panicked,
  not_started,  // something was missing or wrong before there was a machine
};

[[nodiscard]] std::string_view name(Machine_ending ending);

struct Xen {
  std::optional<std::string> version;  // as a guest read it
  std::string package;                 // of Debian's, with its version
  std::filesystem::path path;          // empty: without Xen
};

struct Qemu {
  std::string version;
};

struct Run {
  std::string image;  // of the first domain
  Machine_ending ending = Machine_ending::not_started;
  std::string ending_text;  // Xen's or QEMU's own words, or what was missing
  Xen xen;
  Qemu qemu;
  std::vector<Domain> domains;
  std::optional<std::chrono::system_clock::time_point> started;
  std::optional<std::chrono::milliseconds> elapsed;

  // Both are set by conclude().
  Verdict verdict = Verdict::error;
  std::string reason;
};

}  // namespace enlighten::report
