// SPDX-License-Identifier: MIT
// Syndromes that real machines have given, in words.
#include <arch/exception_syndrome.hpp>

#include <gtest/gtest.h>

namespace enlighten::arch {
namespace {

struct Example {
  std::uint64_t esr;
  const char* words;
  bool has_address;
};

// Shown by name in a failure.
void PrintTo(const Example& example, std::ostream* out) {
  *out << std::hex << example.esr;
}

class Syndrome_example : public testing::TestWithParam<Example> {};

TEST_P(Syndrome_example, reads_as_a_sentence) {
  const Exception_syndrome syndrome{GetParam().esr};
  EXPECT_STREQ(syndrome.words().c_str(), GetParam().words);
  EXPECT_EQ(syndrome.has_address(), GetParam().has_address);
}

INSTANTIATE_TEST_SUITE_P(
    Real, Syndrome_example,
    testing::Values(Example{0x96000004, "data abort: translation fault at level 0, reading", true},
                    Example{0x96000007, "data abort: translation fault at level 3, reading", true},
                    Example{0x96000047, "data abort: translation fault at level 3, writing", true},
                    Example{0x9600004f, "data abort: permission fault at level 3, writing", true},
                    Example{0x96000000, "data abort: address size fault at level 0, reading", true},
                    Example{0x96000050, "data abort: external abort, writing", true},
                    Example{0x96000410, "data abort: external abort, reading", false},
                    Example{0x96000061, "data abort: misaligned access, writing", true},
                    Example{0x96000147, "data abort: translation fault at level 3, by cache maintenance", true},
                    Example{0x96000035, "data abort: unsupported exclusive or atomic access, reading", true},
                    Example{0x92000046, "data abort from EL0: translation fault at level 2, writing", true},
                    Example{0x8600000f, "instruction abort: permission fault at level 3", true},
                    Example{0x86000004, "instruction abort: translation fault at level 0", true},
                    Example{0x02000000, "undefined instruction", false},
                    Example{0xf2000001, "breakpoint instruction (BRK), comment 0x1", false},
                    Example{0xf20003e8, "breakpoint instruction (BRK), comment 0x3e8", false},
                    Example{0x56000002, "supervisor call (SVC), number 0x2", false},
                    Example{0x8a000000, "misaligned program counter", true},
                    Example{0x9a000000, "misaligned stack pointer", false},
                    Example{0x1fe00000, "floating-point or SIMD instruction while those are off", false},
                    Example{0xbe000000, "system error (SError)", false},
                    Example{0x62300001, "trapped system register access", false},
                    Example{0x3a000000, "illegal execution state", false}, Example{0xd6000022, "watchpoint", true},
                    Example{0xfe000000, "exception of an unknown class", false}));

TEST(Exception_syndrome, tells_a_missing_page_from_a_forbidden_one) {
  EXPECT_TRUE(Exception_syndrome{0x96000047}.is_translation_fault());
  EXPECT_TRUE(Exception_syndrome{0x86000005}.is_translation_fault());
  EXPECT_FALSE(Exception_syndrome{0x9600004f}.is_translation_fault());
  EXPECT_FALSE(Exception_syndrome{0xf2000004}.is_translation_fault());
}

TEST(Exception_syndrome, knows_writes_from_reads_of_data_alone) {
  EXPECT_TRUE(Exception_syndrome{0x96000047}.is_write());
  EXPECT_FALSE(Exception_syndrome{0x96000007}.is_write());
  EXPECT_FALSE(Exception_syndrome{0xf2000040}.is_write());
}

}  // namespace
}  // namespace enlighten::arch
