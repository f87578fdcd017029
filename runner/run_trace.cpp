// SPDX-License-Identifier: MIT
// Collects what the guests of a run have traced, and writes the file.
#include <runner/run_trace.hpp>

#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/trace_events.hpp>

namespace enlighten::runner {
namespace {

// Of each vCPU; 16 bytes each in the guest.
constexpr unsigned entries = 16384;

}  // namespace

std::string Run_trace::arguments(const std::string& own) {
  return fmt::format("trace={}{}{}", entries, own.empty() ? "" : " ", own);
}

Run_trace::Run_trace(std::filesystem::path file, std::vector<std::string> guests)
    : file_{std::move(file)}, names_{std::move(guests)}, parsers_(names_.size()) {}

bool Run_trace::take(const Console_line& line) {
  return line.writer == Writer::guest && line.guest() < parsers_.size() && parsers_[line.guest()].line(line.text);
}

void Run_trace::write(std::span<Symbolizer> symbolizers) {
  std::vector<Traced_guest> guests;
  std::size_t recorded = 0;
  for (std::size_t index = 0; index < parsers_.size(); ++index) {
    auto trace = parsers_[index].finish();
    for (const std::string& problem : parsers_[index].problems()) {
      fmt::print(stderr, "enlighten: the trace of {}: {}\n", names_[index], problem);
    }
    if (!trace) {
      fmt::print(stderr,
                 "enlighten: {} printed no trace: did it come to its end, and is it linked without NO_TRACE?\n",
                 names_[index]);
      continue;
    }
    for (const auto& [cpu, traced] : trace->cpus) {
      recorded += traced.entries.size();
    }
    guests.push_back(
        {.name = names_[index], .trace = std::move(*trace), .place = [symbolizers, index](std::uint32_t offset) {
           const std::string line = fmt::format("  #0 pc=0x0 image+{:#x}", offset);
           const std::string named = symbolizers[index].annotate(line);
           return named.size() > line.size() + 1 ? named.substr(line.size() + 1) : std::string{};
         }});
  }
  if (guests.empty()) {
    throw Failure{"no guest of this run has printed a trace; {} is empty", file_.string()};
  }
  // What a guest calls its steps need not be valid UTF-8.
  write_file(file_, trace_events(guests).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n');
  fmt::print("enlighten: {} entries of a trace in {}: open it in ui.perfetto.dev or chrome://tracing\n", recorded,
             file_.string());
}

}  // namespace enlighten::runner
