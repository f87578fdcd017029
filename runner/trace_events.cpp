// SPDX-License-Identifier: MIT
// What guests have traced, as events that Perfetto and Chrome draw.
#include <runner/trace_events.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace enlighten::runner {
namespace {

using Json = nlohmann::ordered_json;

// The numbers of [xen] xen.h and event_channel.h.
constexpr std::uint32_t event_channel_op = 32;
constexpr std::uint32_t send = 4;

std::string hypercall_name(std::uint32_t what) {
  static const std::map<std::uint32_t, std::string_view> names{{12, "memory_op"},
                                                               {17, "xen_version"},
                                                               {18, "console_io"},
                                                               {20, "grant_table_op"},
                                                               {24, "vcpu_op"},
                                                               {29, "sched_op"},
                                                               {event_channel_op, "event_channel_op"},
                                                               {34, "hvm_op"}};
  constexpr std::array<std::string_view, 14> events{
      "bind_interdomain", "bind_virq", "bind_pirq", "close", "send",         "status",       "alloc_unbound",
      "bind_ipi",         "bind_vcpu", "unmask",    "reset", "init_control", "expand_array", "set_priority"};
  const std::uint32_t number = what & 0xff;
  const std::uint32_t operation = what >> 8;
  if (number == event_channel_op && operation < events.size()) {
    return fmt::format("event {}", events[operation]);
  }
  const auto known = names.find(number);
  return fmt::format("{} {}", known == names.end() ? fmt::format("hypercall {}", number) : known->second,
                     operation);
}

// One guest's part.
class Writer {
 public:
  Writer(const Traced_guest& guest, std::size_t process, Json& events, std::uint64_t& arrows)
      : guest_{guest}, process_{process}, events_{events}, arrows_{arrows} {
    std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
    for (const auto& [cpu, traced] : guest.trace.cpus) {
      if (!traced.entries.empty()) {
        first = std::min(first, traced.entries.front().count);
        end_ = std::max(end_, traced.entries.back().count);
      }
    }
    begin_ = std::min(first, end_);
  }

  void write() {
    describe("process_name", 0, guest_.name);
    for (const auto& [cpu, traced] : guest_.trace.cpus) {
      describe("thread_name", cpu, fmt::format("vCPU {}", cpu));
      write_cpu(cpu, traced.entries);
    }
    draw_sends();
    draw_first(turned_on_, "turns on", [this](const Moment& from) { return first_entry(from); });
    draw_first(woken_, "wakes", [this](const Moment& from) { return first_wake_up(from); });
  }

 private:
  struct Moment {
    std::uint64_t count;
    std::uint32_t cpu;
    std::uint32_t what;  // the port, or the other CPU

    auto operator<=>(const Moment&) const = default;
  };

  [[nodiscard]] double time(std::uint64_t count) const {
    return static_cast<double>(count - begin_) * 1e6 / static_cast<double>(guest_.trace.hertz);
  }

  void describe(const char* what, std::uint32_t cpu, const std::string& name) {
    events_.push_back({{"ph", "M"}, {"pid", process_}, {"tid", cpu}, {"name", what}, {"args", {{"name", name}}}});
  }

  [[nodiscard]] Json event(const char* phase, std::uint32_t cpu, std::uint64_t count, const std::string& name,
                           const char* category) const {
    return {{"ph", phase}, {"pid", process_}, {"tid", cpu}, {"ts", time(count)}, {"name", name}, {"cat", category}};
  }

  void slice(std::uint32_t cpu, std::uint64_t from, std::uint64_t to, const std::string& name, const char* category,
             Json arguments) {
    Json one = event("X", cpu, from, name, category);
    one["dur"] = time(to) - time(from);
    if (!arguments.is_null()) {
      one["args"] = std::move(arguments);
    }
    events_.push_back(std::move(one));
  }

  void close(std::uint32_t cpu, const Trace_entry& began, std::uint64_t from, std::uint64_t to,
             std::optional<std::int32_t> result) {
    switch (began.kind) {
      case Trace_kind::step_begin:
        slice(cpu, from, to,
              began.a < guest_.trace.steps.size() ? "start " + guest_.trace.steps[began.a]
                                                  : fmt::format("start step {}", began.a),
              "step", nullptr);
        break;
      case Trace_kind::call_begin: {
        Json arguments = Json::object();
        if (is_send(began)) {
          arguments["port"] = began.b;
        }
        if (result) {
          arguments["result"] = *result;
        }
        slice(cpu, from, to, hypercall_name(began.a), "hypercall", std::move(arguments));
        break;
      }
      case Trace_kind::delivery_begin:
        slice(cpu, from, to, fmt::format("port {}", began.b), "delivery", {{"port", began.b}});
        break;
      case Trace_kind::task_begin: {
        const std::string place = guest_.place ? guest_.place(began.b) : std::string{};
        slice(cpu, from, to, place.empty() ? fmt::format("image+{:#x}", began.b) : place, "task", nullptr);
        break;
      }
      default:
        slice(cpu, from, to, "sleep", "wait", nullptr);
    }
  }

  [[nodiscard]] static bool is_send(const Trace_entry& entry) { return entry.a == (event_channel_op | send << 8); }

  [[nodiscard]] std::string interrupt_name(std::uint32_t number) const {
    if (number == guest_.trace.upcall) {
      return "upcall";
    }
    if (number == guest_.trace.timer) {
      return "timer";
    }
    return number == 0 ? "wake-up" : fmt::format("interrupt {}", number);
  }

  void write_cpu(std::uint32_t cpu, const std::vector<Trace_entry>& entries) {
    std::vector<Trace_entry> open;
    for (const Trace_entry& entry : entries) {
      switch (entry.kind) {
        case Trace_kind::step_begin:
        case Trace_kind::call_begin:
        case Trace_kind::delivery_begin:
        case Trace_kind::task_begin:
        case Trace_kind::wait_begin:
          note(cpu, entry);
          open.push_back(entry);
          break;
        case Trace_kind::step_end:
        case Trace_kind::call_end:
        case Trace_kind::delivery_end:
        case Trace_kind::task_end:
        case Trace_kind::wait_end:
          end(cpu, entry, entries.front().count, open);
          break;
        default:
          instant(cpu, entry);
      }
    }
    while (!open.empty()) {
      close(cpu, open.back(), open.back().count, end_, std::nullopt);
      open.pop_back();
    }
  }

  // The kind of an end stands behind that of its beginning.
  void end(std::uint32_t cpu, const Trace_entry& entry, std::uint64_t ring_begins, std::vector<Trace_entry>& open) {
    Trace_entry began = entry;
    began.kind = static_cast<Trace_kind>(static_cast<unsigned>(entry.kind) - 1);
    const auto same = std::ranges::find(open.rbegin(), open.rend(), began.kind, &Trace_entry::kind);
    const auto result =
        entry.kind == Trace_kind::call_end ? std::optional{static_cast<std::int32_t>(entry.b)} : std::nullopt;
    if (same == open.rend()) {
      if (entry.kind != Trace_kind::task_end) {
        close(cpu, began, ring_begins, entry.count, result);
      }
      return;
    }
    while (open.back().kind != began.kind) {
      close(cpu, open.back(), open.back().count, entry.count, std::nullopt);
      open.pop_back();
    }
    close(cpu, open.back(), open.back().count, entry.count, result);
    open.pop_back();
  }

  void note(std::uint32_t cpu, const Trace_entry& entry) {
    if (entry.kind == Trace_kind::call_begin && is_send(entry)) {
      sends_.push_back({entry.count, cpu, entry.b});
    } else if (entry.kind == Trace_kind::delivery_begin) {
      deliveries_.push_back({entry.count, cpu, entry.b});
    }
  }

  void instant(std::uint32_t cpu, const Trace_entry& entry) {
    if (entry.kind == Trace_kind::interrupt) {
      Json one = event("i", cpu, entry.count, interrupt_name(entry.b), "interrupt");
      one["s"] = "t";
      one["args"] = {{"interrupt", entry.b}};
      events_.push_back(std::move(one));
      return;
    }
    const bool wakes = entry.kind == Trace_kind::wake;
    slice(cpu, entry.count, entry.count, fmt::format("{} {}", wakes ? "wake vCPU" : "CPU_ON", entry.b), "cpu",
          {{"cpu", entry.b}});
    (wakes ? woken_ : turned_on_).push_back({entry.count, cpu, entry.b});
  }

  void arrow(const Moment& from, const Moment& to, const std::string& name) {
    Json start = event("s", from.cpu, from.count, name, "flow");
    Json finish = event("f", to.cpu, to.count, name, "flow");
    start["id"] = finish["id"] = ++arrows_;
    finish["bp"] = "e";
    events_.push_back(std::move(start));
    events_.push_back(std::move(finish));
  }

  void draw_sends() {
    std::ranges::sort(sends_);
    std::ranges::sort(deliveries_);
    std::map<std::uint32_t, std::deque<Moment>> waiting;
    auto next = sends_.begin();
    for (const Moment& delivery : deliveries_) {
      for (; next != sends_.end() && next->count <= delivery.count; ++next) {
        waiting[next->what].push_back(*next);
      }
      if (auto& sent = waiting[delivery.what]; !sent.empty()) {
        arrow(sent.front(), delivery, fmt::format("event on port {}", delivery.what));
        sent.clear();
      }
    }
  }

  template <typename Find>
  void draw_first(const std::vector<Moment>& moments, const char* name, Find find) {
    for (const Moment& from : moments) {
      if (const std::optional<std::uint64_t> count = find(from)) {
        arrow(from, {*count, from.what, 0}, name);
      }
    }
  }

  template <typename Wanted>
  [[nodiscard]] std::optional<std::uint64_t> first_after(const Moment& from, Wanted wanted) const {
    const auto known = guest_.trace.cpus.find(from.what);
    if (known == guest_.trace.cpus.end()) {
      return std::nullopt;
    }
    const auto& entries = known->second.entries;
    const auto later = std::ranges::lower_bound(entries, from.count, {}, &Trace_entry::count);
    const auto found = std::find_if(later, entries.end(), wanted);
    return found == entries.end() ? std::nullopt : std::optional{found->count};
  }
  [[nodiscard]] std::optional<std::uint64_t> first_entry(const Moment& from) const {
    return first_after(from, [](const Trace_entry&) { return true; });
  }
  [[nodiscard]] std::optional<std::uint64_t> first_wake_up(const Moment& from) const {
    return first_after(
        from, [](const Trace_entry& entry) { return entry.kind == Trace_kind::interrupt && entry.b == 0; });
  }

  const Traced_guest& guest_;
  std::size_t process_;
  Json& events_;
  std::uint64_t& arrows_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  std::vector<Moment> sends_;
  std::vector<Moment> deliveries_;
  std::vector<Moment> turned_on_;
  std::vector<Moment> woken_;
};

}  // namespace

Json trace_events(std::span<const Traced_guest> guests) {
  Json events = Json::array();
  std::uint64_t arrows = 0;
  for (std::size_t index = 0; index < guests.size(); ++index) {
    Writer{guests[index], index + 1, events, arrows}.write();
  }
  return {{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events)}};
}

}  // namespace enlighten::runner
