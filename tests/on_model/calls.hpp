// SPDX-License-Identifier: MIT
// Hypercalls as they are, for test code that does without guest/'s own.
#pragma once

#include <cstdint>

#include <abi/event_channel.hpp>
#include <abi/grant_table.hpp>
#include <abi/hypercall.hpp>
#include <abi/memory_op.hpp>
#include <abi/vcpu_op.hpp>
#include <arch/hypercall.hpp>

namespace enlighten::on_model {

// Each returns 0, or a negative abi::Errno.
std::int64_t event_channel_op(abi::Event_channel_op operation, auto& argument) {
  return arch::hypercall(abi::Hypercall::event_channel_op, static_cast<std::uint64_t>(operation),
                         reinterpret_cast<std::uintptr_t>(&argument));
}

std::int64_t memory_op(abi::Memory_op operation, auto& argument) {
  return arch::hypercall(abi::Hypercall::memory_op, static_cast<std::uint64_t>(operation),
                         reinterpret_cast<std::uintptr_t>(&argument));
}

std::int64_t grant_table_op(abi::Grant_table_op operation, auto& argument) {
  return arch::hypercall(abi::Hypercall::grant_table_op, static_cast<std::uint64_t>(operation),
                         reinterpret_cast<std::uintptr_t>(&argument), 1);
}

std::int64_t vcpu_op(abi::Vcpu_op operation, Vcpu_id vcpu, auto& argument) {
  return arch::hypercall(abi::Hypercall::vcpu_op, static_cast<std::uint64_t>(operation), vcpu.value(),
                         reinterpret_cast<std::uintptr_t>(&argument));
}

}  // namespace enlighten::on_model
