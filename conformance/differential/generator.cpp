// SPDX-License-Identifier: MIT
// Draws a subject for a program, operations by how much they are of that subject, and operands that others have
// used.
#include "generator.hpp"

#include "operands.hpp"
#include "random.hpp"

namespace enlighten::conformance::differential {
namespace {

enum class Subject : std::uint8_t { two_level, fifo, memory, grants, everything };
constexpr std::uint32_t subjects = 5;

struct Weight {
  Operation operation;
  std::array<std::uint8_t, subjects> weight;
};

// How often an operation is drawn in a program about each Subject.
constexpr Weight weights[] = {
    {Operation::bind_ipi, {10, 10, 1, 1, 4}},
    {Operation::bind_virq, {4, 4, 1, 0, 3}},
    {Operation::bind_pirq, {0, 0, 0, 0, 1}},
    {Operation::alloc_unbound, {4, 4, 0, 0, 3}},
    {Operation::bind_interdomain, {5, 5, 0, 0, 3}},
    {Operation::close, {5, 5, 0, 0, 2}},
    {Operation::send, {20, 20, 1, 1, 6}},
    {Operation::unmask, {8, 8, 0, 0, 3}},
    {Operation::status, {3, 3, 0, 0, 2}},
    {Operation::bind_vcpu, {4, 4, 0, 0, 2}},
    {Operation::set_priority, {1, 8, 0, 0, 1}},
    {Operation::init_control, {0, 3, 0, 0, 1}},
    {Operation::expand_array, {1, 3, 0, 0, 1}},
    {Operation::reset, {1, 1, 0, 0, 1}},
    {Operation::unknown_event_operation, {0, 0, 0, 0, 1}},
    {Operation::mask, {6, 6, 0, 0, 2}},
    {Operation::clear_mask, {4, 4, 0, 0, 2}},
    {Operation::clear_pending, {4, 4, 0, 0, 2}},
    {Operation::consume, {12, 14, 0, 0, 4}},
    {Operation::acknowledge, {6, 6, 0, 0, 2}},
    {Operation::look, {3, 3, 0, 0, 1}},
    {Operation::add_to_physmap, {1, 0, 12, 3, 3}},
    {Operation::add_two_to_physmap, {0, 0, 6, 1, 1}},
    {Operation::remove_from_physmap, {1, 0, 12, 3, 3}},
    {Operation::decrease_reservation, {0, 0, 12, 4, 3}},
    {Operation::populate_physmap, {0, 0, 14, 4, 3}},
    {Operation::current_reservation, {0, 0, 4, 1, 1}},
    {Operation::exchange, {0, 0, 2, 0, 1}},
    {Operation::other_memory_operation, {0, 0, 1, 0, 1}},
    {Operation::store, {0, 0, 8, 8, 3}},
    {Operation::load, {0, 0, 5, 5, 2}},
    {Operation::grant, {0, 0, 1, 14, 4}},
    {Operation::end_grant, {0, 0, 0, 5, 2}},
    {Operation::map_grant, {0, 0, 1, 16, 4}},
    {Operation::unmap_grant, {0, 0, 1, 10, 3}},
    {Operation::unmap_and_replace, {0, 0, 0, 2, 1}},
    {Operation::copy_grant, {0, 0, 1, 12, 3}},
    {Operation::setup_table, {0, 0, 3, 2, 1}},
    {Operation::query_size, {0, 0, 1, 1, 1}},
    {Operation::set_version, {0, 0, 0, 1, 1}},
    {Operation::get_version, {0, 0, 0, 1, 1}},
    {Operation::swap_grants, {0, 0, 0, 3, 1}},
    {Operation::flush_cache, {0, 0, 0, 1, 1}},
    {Operation::other_grant_operation, {0, 0, 0, 1, 1}},
    {Operation::register_vcpu_info, {0, 0, 1, 0, 2}},
    {Operation::register_runstate, {0, 0, 0, 0, 1}},
    {Operation::other_vcpu_operation, {0, 0, 0, 0, 1}},
    {Operation::yield, {0, 0, 0, 0, 1}},
    {Operation::poll, {2, 2, 0, 0, 2}},
    {Operation::watchdog, {0, 0, 0, 0, 2}},
    {Operation::other_sched_operation, {0, 0, 0, 0, 1}},
    {Operation::get_parameter, {0, 0, 0, 0, 2}},
    {Operation::set_parameter, {0, 0, 0, 0, 1}},
    {Operation::xen_version, {0, 0, 0, 0, 3}},
    {Operation::vm_assist, {0, 0, 0, 0, 1}},
    {Operation::console, {0, 0, 0, 0, 1}},
    {Operation::two_calls, {0, 0, 0, 0, 2}},
    {Operation::affinity_info, {0, 0, 0, 0, 1}},
    {Operation::cpu_on, {0, 0, 0, 0, 1}},
    {Operation::psci_features, {0, 0, 0, 0, 1}},
    {Operation::start_and_dismiss, {0, 0, 0, 0, 1}},
};
static_assert(std::size(weights) == operations);

class Generator {
 public:
  Generator(std::uint64_t seed, std::uint32_t index) noexcept
      : random_{seed * 0x1'0000'0001 + index},
        subject_{random_.below(subjects)},
        vcpus_{1 + random_.below(working_vcpus)},
        slots_{2 + random_.below(port_slots - 1)} {}

  [[nodiscard]] Program program(std::uint32_t length) noexcept {
    Program program;
    if (static_cast<Subject>(subject_) == Subject::fifo) {
      set_fifo_up(program);
    }
    while (program.steps().size() < length && program.add(step(operation()))) {
    }
    return program;
  }

 private:
  // Blocks of their own for most of those who take part, and words for all ports.
  void set_fifo_up(Program& program) noexcept {
    for (std::uint8_t vcpu = 0; vcpu != vcpus_ + 1; ++vcpu) {
      if (!random_.one_in(8)) {
        Step step{.vcpu = by_whom(), .operation = Operation::init_control, .operands = {vcpu}};
        step.operands[1] = vcpu / 4;
        step.operands[2] = vcpu % 4;
        program.add(step);
      }
    }
    if (!random_.one_in(8)) {
      program.add({.vcpu = by_whom(), .operation = Operation::expand_array, .operands = {}});
    }
  }

  [[nodiscard]] std::uint8_t by_whom() noexcept { return static_cast<std::uint8_t>(random_.below(vcpus_)); }

  [[nodiscard]] Operation operation() noexcept {
    std::uint32_t sum = 0;
    for (const Weight& weight : weights) {
      sum += weight.weight[subject_];
    }
    std::uint32_t left = random_.below(sum);
    for (const Weight& weight : weights) {
      if (left < weight.weight[subject_]) {
        return weight.operation;
      }
      left -= weight.weight[subject_];
    }
    return Operation::yield;
  }

  [[nodiscard]] Step step(Operation operation) noexcept {
    Step step{.vcpu = by_whom(), .operation = operation, .operands = {}};
    const Form& form = form_of(operation);
    for (std::size_t index = 0; index != most_operands; ++index) {
      step.operands[index] = operand(form.kinds[index]);
    }
    return step;
  }

  // Seldom what cannot be: of a program in which most is refused little is learnt.
  [[nodiscard]] std::uint8_t operand(Kind kind) noexcept {
    const bool odd = random_.one_in(12);
    std::uint32_t count = values_of(kind);
    switch (kind) {
      case Kind::new_port:
        count = slots_;
        break;
      case Kind::port:
        count = odd ? count : slots_;
        break;
      case Kind::vcpu:
        count = odd ? count : random_.one_in(6) ? all_vcpus : vcpus_;
        break;
      case Kind::domain:
        return static_cast<std::uint8_t>(odd ? random_.below(count) : random_.one_in(3) ? count - 1 : 0);
      case Kind::owner:
        return static_cast<std::uint8_t>(odd ? random_.below(count) : count - 1);
      case Kind::control_page:
        count = odd ? count : control_pages;
        break;
      case Kind::array_page:
        count = odd ? count : array_pages;
        break;
      case Kind::offset:
        count = odd ? count : 4;
        break;
      case Kind::place:
        count = odd ? count : places;
        break;
      case Kind::space:
        count = odd ? count : 2;
        break;
      case Kind::index:
        return static_cast<std::uint8_t>(random_.one_in(2) ? 0 : random_.below(odd ? count : 4));
      case Kind::reference:
        count = odd ? count : 3;
        break;
      case Kind::grant_kind:
      case Kind::mapping_kind:
        count = odd ? count : 2;
        break;
      case Kind::pointer:
        return odd ? 1 : 0;
      case Kind::priority:
        count = odd ? count : 8;
        break;
      default:
        break;
    }
    return static_cast<std::uint8_t>(random_.below(count));
  }

  Random random_;
  std::uint32_t subject_;
  std::uint32_t vcpus_;
  std::uint32_t slots_;
};

}  // namespace

Program generate(std::uint64_t seed, std::uint32_t index, std::uint32_t length) noexcept {
  return Generator{seed, index}.program(length);
}

}  // namespace enlighten::conformance::differential
