// SPDX-License-Identifier: MIT
// The bytes of the emulated serial port made into whole lines, each with who wrote it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <runner/machine.hpp>

namespace enlighten::runner {

enum class Writer : std::uint8_t {
  machine,  // Xen, or firmware before it
  guest,
  toolstack,  // dom0's init: see toolstack/dom0_messages.hpp
};

struct Console_line {
  Writer writer;
  unsigned domain;   // of a guest: the number Xen gave it; 0 where there is no Xen
  std::string text;  // without prefix and line end

  // Of a guest: which one it is, from 0, in the order in which they were created.
  [[nodiscard]] std::size_t guest() const noexcept { return domain == 0 ? 0 : domain - 1; }
};

// With Xen beneath, its own lines begin with "(XEN) " and those of domain N with "(dN) ".
//
// Xen passes a domain's line on when it ends, or when what has gathered would not fit its buffer of 200 bytes
// (DOMAIN_PBUF_SIZE, [xen] drivers/char/console.c). It takes what the guest writes in pieces of at most 127, so a
// longer line comes cut after 254 characters when it was written by one hypercall, and after 199 when character by
// character. The rest follows behind a prefix of its own and is joined again here.
class Console {
 public:
  explicit Console(Beneath beneath) noexcept : beneath_{beneath} {}

  // The lines these bytes complete.
  [[nodiscard]] std::vector<Console_line> feed(std::string_view bytes);
  // What was left without a line end when the port fell silent for good.
  [[nodiscard]] std::vector<Console_line> finish();

 private:
  void take_line(std::string_view raw, std::vector<Console_line>& lines);
  void take_guest_line(unsigned domain, std::string_view text, std::vector<Console_line>& lines);

  struct Guest {
    std::string beginning;  // of a line whose rest is still to come
    bool writes_lines = false;

    [[nodiscard]] bool cuts_at(std::size_t length) noexcept;
  };

  Beneath beneath_;
  std::string unfinished_;
  std::map<unsigned, Guest> guests_;  // by domain
};

}  // namespace enlighten::runner
