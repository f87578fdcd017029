// SPDX-License-Identifier: MIT
// Mistakes with identities, each of which the compiler must refuse.
#include <base/ids.hpp>

namespace enlighten {
namespace {

constexpr std::uint32_t hypercall_with(Vcpu_id vcpu) {
  return vcpu.value();
}
constexpr std::uint32_t bind(Port port, Cpu cpu) {
  return port.value() + cpu.value();
}

constexpr Cpu cpu{17};
constexpr Port port{3};
constexpr std::uint32_t number = 17;

static_assert(hypercall_with(Vcpu_id{number}) == 17);
static_assert(bind(port, cpu) == 20);

#ifdef CPU_FOR_VCPU_ID
static_assert(hypercall_with(cpu) == 17);
#endif

#ifdef NUMBER_FOR_VCPU_ID
static_assert(hypercall_with(number) == 17);
#endif

#ifdef VCPU_ID_FROM_CPU
constexpr Vcpu_id converted{cpu};
#endif

#ifdef MPIDR_FOR_VCPU_ID
static_assert(hypercall_with(Mpidr{17}) == 17);
#endif

#ifdef SWAPPED_ARGUMENTS
static_assert(bind(cpu, port) == 20);
#endif

#ifdef PORT_PLUS_ONE
constexpr auto next = port + 1;
#endif

#ifdef PORT_INCREMENT
constexpr Port following(Port from) {
  return ++from;
}
#endif

#ifdef PORT_FOR_NUMBER
constexpr std::uint32_t index = port;
#endif

#ifdef CPU_COMPARED_WITH_VCPU_ID
static_assert(cpu == Vcpu_id{17});
#endif

#ifdef CPU_COMPARED_WITH_NUMBER
static_assert(cpu == number);
#endif

#ifdef ID_WITHOUT_A_VALUE
constexpr Domain_id unnamed;
#endif

#ifdef ID_WIDER_THAN_ITS_TYPE
constexpr Domain_id narrowed{number + 65536};
#endif

}  // namespace
}  // namespace enlighten
