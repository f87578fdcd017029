// SPDX-License-Identifier: MIT
// The list of programs in which real Xen and the model once differed, and how each is run.
//
// `enlighten differential` prints entries as they stand here: the program, after each step what real Xen answered,
// and what was to be seen in memory at the end.
#include "found.hpp"

#include <abi/xen_version.hpp>
#include <conformance/expected.hpp>
#include <report/ktap.hpp>

#include "outcome.hpp"
#include "visible.hpp"

namespace enlighten::conformance::differential {
namespace {

struct Found_step {
  Step step;
  std::string_view answer;  // empty: there is no such step
};

struct Found {
  std::string_view name;
  Release seen_on;
  Found_step steps[12];
  std::string_view memory[16] = {};
};

constexpr Found all_found[] = {
    {"vm_assist looks at the type before the command",
     {4, 17},
     {
         {{0, Operation::vm_assist, {3, 1}}, "-22"},  // vCPU 0: vm_assist(3, 1)
     }},
    {"set_priority at 2-level looks for the port before it has no priorities",
     {4, 17},
     {
         {{0, Operation::set_priority, {11, 2}}, "-22"},  // vCPU 0: set_priority(port 128, 2)
     }},
    {"a batch ends at a frame that is none, and says nothing of it to the page",
     {4, 17},
     {
         // vCPU 0: add_two_to_physmap(space 0, index 0x0, hole 4, index 0x0, frame ~0)
         {{0, Operation::add_two_to_physmap, {0, 0, 4, 0, 13}}, "-22,-16,1"},
     }},
    {"device memory is refused before its frame is looked at, in a batch for all of it",
     {4, 17},
     {
         {{0, Operation::add_to_physmap, {0, 5, 0, 13}}, "-13"},  // vCPU 0: add_to_physmap(SELF, space 5, ...)
         {{0, Operation::add_two_to_physmap, {5, 0, 0, 3, 3}}, "-13,1,1"},
     }},
    {"a poll ends at the first port that is pending, whatever stands behind it",
     {4, 17},
     {
         {{0, Operation::alloc_unbound, {0, 0, 0}}, "0,1"},     // vCPU 0: p0 = alloc_unbound(SELF, SELF)
         {{0, Operation::bind_interdomain, {0, 0, 0}}, "0,2"},  // vCPU 0: p0 = bind_interdomain(SELF, p0)
         {{0, Operation::poll, {0, 3, 2}}, "0"},                // vCPU 0: poll(p0, p3, 2)
         {{0, Operation::poll, {3, 0, 2}}, "-22"},              // vCPU 0: poll(p3, p0, 2)
     },
     {
         "pending 0: 0x4",
         "upcall_pending of vCPU 0: 0x1",
         "pending_sel of vCPU 0: 0x1",
     }},
    {"a page that is given up while a grant of it is mapped counts until it no longer is",
     {4, 17},
     {
         {{0, Operation::grant, {0, 7, 6}}, "0"},  // vCPU 0: grant(ref 0, own, page 0, flags 0x1)
         {{0, Operation::map_grant, {0, 7, 0, 0, 0}},
          "0,0"},  // vCPU 0: map_grant(h0, own, ref 0, flags 0x2, hole 0)
         {{0, Operation::decrease_reservation, {0, 6}}, "1"},  // vCPU 0: decrease_reservation(SELF, page 0)
         {{0, Operation::current_reservation, {}}, "0"},       // vCPU 0: current_reservation(SELF)
         {{0, Operation::populate_physmap, {0, 6}}, "0"},      // vCPU 0: populate_physmap(SELF, page 0)
         {{0, Operation::unmap_grant, {}}, "0"},               // vCPU 0: unmap_grant(h0)
         {{0, Operation::current_reservation, {}}, "-1"},      // vCPU 0: current_reservation(SELF)
     },
     {
         "flags of grant 8: 0x1",
         "domain of grant 8: 0x1",
         "place of grant 8: 0x9",
     }},
    {"no page is exchanged, but whatever else is wrong comes first",
     {4, 17},
     {
         {{0, Operation::exchange, {0, 6, 0}}, "0,0"},    // vCPU 0: exchange(SELF, page 0, 0)
         {{0, Operation::exchange, {0, 6, 1}}, "-95,0"},  // vCPU 0: exchange(SELF, page 0, 1)
         {{0, Operation::exchange, {0, 0, 1}}, "-22,0"},  // vCPU 0: exchange(SELF, hole 0, 1)
         {{0, Operation::exchange, {0, 6, 3}}, "-1,0"},   // vCPU 0: exchange(SELF, page 0, 3)
         {{0, Operation::exchange, {0, 6, 5}}, "-22,0"},  // vCPU 0: exchange(SELF, page 0, 5)
         {{0, Operation::exchange, {0, 6, 9}}, "-22,0"},  // vCPU 0: exchange(SELF, page 0, 9)
         {{0, Operation::exchange, {0, 6, 17}}, "0,1"},   // vCPU 0: exchange(SELF, page 0, 17)
     }},
    {"a mapping is replaced by nothing, and by nothing else",
     {4, 17},
     {
         {{0, Operation::grant, {0, 7, 6}}, "0"},  // vCPU 0: grant(ref 0, own, page 0, flags 0x1)
         {{0, Operation::map_grant, {0, 7, 0, 0, 1}},
          "0,0"},  // vCPU 0: map_grant(h0, own, ref 0, flags 0x2, hole 1)
         {{0, Operation::unmap_and_replace, {0, 1}}, "0,-1"},  // vCPU 0: unmap_and_replace(h0, otherwise)
         {{0, Operation::unmap_and_replace, {}}, "0,0"},       // vCPU 0: unmap_and_replace(h0, as usual)
     },
     {
         "flags of grant 8: 0x1",
         "domain of grant 8: 0x1",
         "place of grant 8: 0x9",
     }},
    {"the wall clock of shared_info has been set once, to nothing",
     {4, 17},
     {
         // vCPU 0: grant(ref 0, own, home of shared_info, flags 0x1)
         {{0, Operation::grant, {0, 7, 10}}, "0"},
         {{0, Operation::map_grant, {0, 7, 0, 1, 1}},
          "0,0"},  // vCPU 0: map_grant(h0, own, ref 0, flags 0x6, hole 1)
     },
     {
         "flags of grant 8: 0x9",
         "domain of grant 8: 0x1",
         "place of grant 8: 0xd",
         "word at place 646: 0x2",
     }},
};

// Compares what memory shows, line by line, with what it must.
class Comparing_sink final : public report::Line_sink {
 public:
  Comparing_sink(report::Ktap& ktap, std::span<const std::string_view> expected) noexcept
      : ktap_{ktap}, expected_{expected} {}

  void line(std::string_view text) noexcept override {
    text.remove_prefix(text.find(' ', text.find(' ') + 1) + 1);
    const std::string_view wanted = count_ < expected_.size() ? expected_[count_] : std::string_view{};
    ++count_;
    if (text != wanted) {
      same_ = false;
      ktap_.diagnose_format("in memory: \"%.*s\", expected \"%.*s\"", static_cast<int>(text.size()), text.data(),
                            static_cast<int>(wanted.size()), wanted.data());
    }
  }
  [[nodiscard]] bool same() const noexcept {
    return same_ && (count_ == expected_.size() || expected_[count_].empty());
  }

 private:
  report::Ktap& ktap_;
  std::span<const std::string_view> expected_;
  std::size_t count_ = 0;
  bool same_ = true;
};

[[nodiscard]] bool answers(const Found& found, Scene& scene, Workers& workers, report::Ktap& ktap) noexcept {
  bool same = true;
  for (const Found_step& one : found.steps) {
    if (one.answer.empty()) {
      break;
    }
    report::Line line;
    append_answer(line, do_on_its_vcpu(scene, workers, one.step));
    if (line.view() != one.answer) {
      same = false;
      ktap.diagnose_format("%s: %.*s, expected %.*s", form_of(one.step.operation).name,
                           static_cast<int>(line.view().size()), line.view().data(),
                           static_cast<int>(one.answer.size()), one.answer.data());
    }
  }
  Comparing_sink memory{ktap, found.memory};
  tell_memory(scene, 0, memory);
  return memory.same() && same;
}

}  // namespace

report::Verdict run_found(Scene& scene, Workers& workers, report::Line_sink& sink) noexcept {
  report::Ktap ktap{sink, static_cast<std::uint32_t>(std::size(all_found))};
  const auto told = static_cast<std::uint64_t>(conformance::xen_version(abi::Xen_version_op::version));
  const Release release{static_cast<std::uint32_t>(told >> 16U & 0xffffU),
                        static_cast<std::uint32_t>(told & 0xffffU)};
  for (const Found& found : all_found) {
    if (release != found.seen_on) {
      ktap.skip(found.name, "seen on another release");
    } else if (scene.start_afresh() && answers(found, scene, workers, ktap)) {
      ktap.pass(found.name);
    } else {
      ktap.fail(found.name);
    }
  }
  return scene.start_afresh() ? ktap.finish() : report::Verdict::error;
}

}  // namespace enlighten::conformance::differential
