// SPDX-License-Identifier: MIT
// Tests of identities; that mixing them does not compile is tested in tests/compile_fail.
#include <base/ids.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <type_traits>

#include <gtest/gtest.h>

namespace enlighten {
namespace {

template <typename T>
concept Has_arithmetic = requires(T one, T other) { one + other; } || requires(T one, T other) { one - other; } ||
                         requires(T one) { one + 1; } || requires(T one) { ++one; };

template <typename... Ids>
constexpr bool are_identities =
    ((!Has_arithmetic<Ids> && !std::default_initializable<Ids> && std::is_trivially_copyable_v<Ids> &&
      sizeof(Ids) == sizeof(typename Ids::representation) &&
      !std::convertible_to<typename Ids::representation, Ids> &&
      !std::convertible_to<Ids, typename Ids::representation>) &&
     ...);

static_assert(are_identities<Cpu, Vcpu_id, Mpidr, Port, Domain_id, Grant_ref, Virq, Interrupt>);
static_assert(!std::convertible_to<Cpu, Vcpu_id> && !std::constructible_from<Vcpu_id, Cpu>);
static_assert(!std::equality_comparable_with<Cpu, Vcpu_id>);

TEST(Identity, gives_back_the_number_it_was_made_of) {
  EXPECT_EQ(Vcpu_id{17}.value(), 17U);
  EXPECT_EQ(Domain_id{0x7ff0}.value(), 0x7ff0U);
  EXPECT_EQ(Mpidr{0x1'0000'0001}.value(), 0x1'0000'0001U);
}

TEST(Identity, compares_and_orders_by_its_number) {
  EXPECT_EQ(Port{3}, Port{3});
  EXPECT_NE(Port{3}, Port{4});
  EXPECT_LT(Port{3}, Port{4});
  std::array cpus{Cpu{2}, Cpu{0}, Cpu{1}};
  std::ranges::sort(cpus);
  EXPECT_EQ(cpus.front(), Cpu{0});
  EXPECT_EQ(cpus.back(), Cpu{2});
}

TEST(Mpidr, keeps_the_four_affinity_fields_of_the_register) {
  EXPECT_EQ(mpidr_from_register(0x12'0034'5678), Mpidr{0x12'0034'5678});
}

TEST(Mpidr, drops_every_bit_of_the_register_that_is_no_affinity) {
  constexpr std::uint64_t res1 = 1ULL << 31U;
  constexpr std::uint64_t uniprocessor = 1ULL << 30U;
  constexpr std::uint64_t multithreaded = 1ULL << 24U;
  EXPECT_EQ(mpidr_from_register(res1 | uniprocessor | multithreaded | 0x0101), Mpidr{0x0101});
  EXPECT_EQ(mpidr_from_register(~0ULL), Mpidr{0xff'00ff'ffff});
}

}  // namespace
}  // namespace enlighten
