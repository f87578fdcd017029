// SPDX-License-Identifier: MIT
// The facts as abi/ has them, compiled as C++ for the machine at hand.
#include <cstddef>
#include <type_traits>

#include <abi/console_io.hpp>
#include <abi/console_ring.hpp>
#include <abi/domain_id.hpp>
#include <abi/errno.hpp>
#include <abi/event_channel.hpp>
#include <abi/grant_table.hpp>
#include <abi/hvm_op.hpp>
#include <abi/hypercall.hpp>
#include <abi/memory_op.hpp>
#include <abi/multicall.hpp>
#include <abi/sched_op.hpp>
#include <abi/shared_info.hpp>
#include <abi/vchan.hpp>
#include <abi/vcpu_op.hpp>
#include <abi/virq.hpp>
#include <abi/vm_assist.hpp>
#include <abi/xen_version.hpp>
#include <abi/xenbus.hpp>
#include <abi/xenstore.hpp>

namespace enlighten::abi {

// Enumerator, identity or plain integer: each has a number.
template <typename T>
consteval long long number(T value) {
  if constexpr (std::is_enum_v<T>) {
    return static_cast<long long>(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (requires { value.value(); }) {
    return static_cast<long long>(value.value());
  } else {
    return static_cast<long long>(value);
  }
}

#define SIZE_OF(xen, ours) sizeof(ours)
#define OFFSET_OF(xen, xen_member, ours, our_member) offsetof(ours, our_member)
#define SIZE_OF_FIELD(xen, xen_member, ours, our_member) sizeof(ours::our_member)
#define NUMBER(xen, ours) number(ours)

#include "emit.inc"

}  // namespace enlighten::abi
