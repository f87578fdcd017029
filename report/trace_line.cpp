// SPDX-License-Identifier: MIT
// Entries of a trace as lines.
#include <report/trace_line.hpp>

#include <algorithm>

#include <report/record.hpp>

namespace enlighten::report {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

void Trace_lines::add(std::uint64_t index, const Trace_entry& entry) noexcept {
  if (index != next_ || used_ + longest_entry > capacity) {
    flush();
  }
  if (used_ == 0) {
    first_ = index;
    begins_at_ = latest_ = entry.count;
  }
  put(entry.count - latest_);
  bytes_[used_++] = static_cast<std::uint8_t>(entry.kind);
  put(entry.a);
  put(entry.b);
  latest_ = entry.count;
  next_ = index + 1;
}

void Trace_lines::put(std::uint64_t number) noexcept {
  for (; number >= 0x80; number >>= 7) {
    bytes_[used_++] = static_cast<std::uint8_t>(number | 0x80);
  }
  bytes_[used_++] = static_cast<std::uint8_t>(number);
}

void Trace_lines::flush() noexcept {
  if (used_ == 0) {
    return;
  }
  Line data;
  for (std::size_t at = 0; at < used_; at += 3) {
    const std::size_t count = std::min<std::size_t>(used_ - at, 3);
    std::uint32_t three = 0;
    for (std::size_t index = 0; index < 3; ++index) {
      three = three << 8 | (index < count ? bytes_[at + index] : 0U);
    }
    for (std::size_t index = 0; index <= count; ++index) {
      data.character(digits[three >> (18 - 6 * index) & 63]);
    }
  }
  Record_line{record_kind::trace}
      .integer("cpu"sv, cpu_)
      .integer("n"sv, first_)
      .hexadecimal("at"sv, begins_at_)
      .text("d"sv, data.view())
      .write_to(sink_);
  ++lines_;
  used_ = 0;
}

}  // namespace enlighten::report
