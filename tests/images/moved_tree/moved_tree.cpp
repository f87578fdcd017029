// SPDX-License-Identifier: MIT
// Boots with its device tree in the way of its own zeroed memory (see moved_tree.S).
//
// Promised: the file need not cover what is zero at start, because entry code moves a tree out of it first. Would
// go wrong: the tree is zeroed and nothing is known of the machine.
#include <arch/start.hpp>
#include <report/ktap.hpp>
#include <runtime/console.hpp>
#include <runtime/program.hpp>

using namespace enlighten;

runtime::Task<int> guest_main(runtime::Guest& guest) {
  report::Ktap ktap{runtime::console()};
  const auto claim = [&](bool holds, const char* name) { holds ? ktap.pass(name) : ktap.fail(name); };
  const auto tree = reinterpret_cast<std::uintptr_t>(guest.tree().bytes().data());
  claim(tree >= arch::image_layout().end, "the tree is behind the image");
  claim(guest.start_all().has_value(), "and whole: all CPUs come online");
  co_return report::exit_code(ktap.finish());
}
