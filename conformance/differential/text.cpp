// SPDX-License-Identifier: MIT
// Names each operand by what it is a symbol of.
#include "text.hpp"

#include <string_view>

#include "operands.hpp"

namespace enlighten::conformance::differential {
namespace {

void append_place(report::Line& line, std::uint8_t symbol) noexcept {
  if (symbol < holes) {
    line.text("hole ").integer(symbol);
  } else if (symbol < home_of_shared_info) {
    line.text("page ").integer(symbol - holes);
  } else {
    constexpr std::string_view others[] = {"home of shared_info", "home of grants", "frame 0", "frame ~0",
                                           "frame 1 << 40"};
    line.text(others[symbol - home_of_shared_info]);
  }
}

void append_operand(report::Line& line, Kind kind, std::uint8_t symbol) noexcept {
  switch (kind) {
    case Kind::port:
      if (symbol < port_slots) {
        line.text("p").integer(symbol);
      } else {
        line.text("port ").integer(other_ports[symbol - port_slots]);
      }
      break;
    case Kind::vcpu:
      line.text("vCPU ").integer(symbol < all_vcpus ? symbol : no_vcpu.value());
      break;
    case Kind::domain:
    case Kind::owner:
      if (symbol == other_domains.size()) {
        line.text("own");
      } else if (symbol == 0) {
        line.text("SELF");
      } else {
        line.text("domain ").hexadecimal(other_domains[symbol].value());
      }
      break;
    case Kind::virq:
      line.text("VIRQ ").integer(virqs[symbol]);
      break;
    case Kind::control_page:
      line.text(symbol < control_pages ? "control page " : "no page ").integer(symbol);
      break;
    case Kind::array_page:
      line.text(symbol < array_pages ? "array page " : "no page ").integer(symbol);
      break;
    case Kind::offset:
      line.text("+").integer(offsets[symbol]);
      break;
    case Kind::place:
      append_place(line, symbol);
      break;
    case Kind::space:
      line.text("space ").integer(symbol);
      break;
    case Kind::index:
      line.text("index ").hexadecimal(indices[symbol]);
      break;
    case Kind::word:
      line.text("word ").integer(words[symbol]);
      break;
    case Kind::reference:
      line.text("ref ").integer(symbol);
      break;
    case Kind::grant_kind:
      line.text("flags ").hexadecimal(grant_kinds[symbol]);
      break;
    case Kind::mapping_kind:
      line.text("flags ").hexadecimal(mapping_kinds[symbol]);
      break;
    case Kind::new_handle:
    case Kind::handle:
      line.text("h").integer(symbol);
      break;
    case Kind::side:
      if (symbol < places) {
        append_place(line, symbol);
      } else {
        line.text("ref ").integer(symbol % (references + 2));
      }
      break;
    case Kind::bytes:
      line.integer(lengths[symbol]);
      break;
    case Kind::pointer:
      line.text(symbol == 0 ? "as usual" : "otherwise");
      break;
    case Kind::none:
    case Kind::new_port:
    case Kind::priority:
    case Kind::number:
    case Kind::value:
      line.integer(symbol);
      break;
  }
}

}  // namespace

void append_step(report::Line& line, const Step& step) noexcept {
  const Form& form = form_of(step.operation);
  line.text("{").integer(step.vcpu).text(", Operation::").text(form.name).text(", {");
  std::size_t count = most_operands;
  while (count != 0 && step.operands[count - 1] == 0) {
    --count;
  }
  for (std::size_t index = 0; index != count; ++index) {
    line.text(index == 0 ? "" : ", ").integer(step.operands[index]);
  }
  line.text("}} // vCPU ").integer(step.vcpu).text(": ");
  std::size_t index = 0;
  if (form.kinds[0] == Kind::new_port) {
    line.text("p").integer(step.operands[0]).text(" = ");
    ++index;
  }
  line.text(form.name).text("(");
  for (const char* between = ""; index != most_operands && form.kinds[index] != Kind::none; ++index) {
    append_operand(line.text(between), form.kinds[index], step.operands[index]);
    between = ", ";
  }
  line.text(")");
}

}  // namespace enlighten::conformance::differential
