// SPDX-License-Identifier: MIT
// Madt and the walk to it, on tables as Xen's toolstack makes them, of each age, and broken ones.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include <guest/acpi_tables.hpp>
#include <guest/madt.hpp>

#include "test/acpi_table_writer.hpp"

namespace enlighten::guest {
namespace {

using test::Bytes;
using test::gicc;
using test::gicd;
using test::gicr;

std::vector<Madt_processor> all(Madt_processor_walk walk) {
  std::vector<Madt_processor> found;
  while (const auto processor = walk.next().value()) {
    found.push_back(*processor);
  }
  return found;
}

std::vector<Memory_range> all(Madt_redistributor_walk walk) {
  std::vector<Memory_range> found;
  while (const auto range = walk.next().value()) {
    found.push_back(*range);
  }
  return found;
}

template <typename T>
std::string error_of(const Result<T>& result) {
  return result ? "no error" : result.error().text();
}

TEST(Madt, reads_what_xen_tells_a_guest_on_gicv3) {
  const Bytes bytes = test::xen_madt(20, 3);
  const Madt madt = Madt::open(bytes).value();
  const std::vector<Madt_processor> processors = all(madt.processors());
  ASSERT_EQ(processors.size(), 20U);
  EXPECT_EQ(processors[17].uid, 17U);
  EXPECT_EQ(processors[17].cpu_interface, 17U);
  EXPECT_EQ(processors[17].mpidr, Mpidr{0x101});
  EXPECT_EQ(processors[17].state, Processor_state::enabled);
  EXPECT_EQ(processors[17].interface_base, 0U);
  const auto distributor = madt.distributor().value().value();
  EXPECT_EQ(distributor.base, 0x3001000U);
  EXPECT_EQ(distributor.version, 3U);
  EXPECT_EQ(all(madt.redistributors()), (std::vector<Memory_range>{{0x3020000, 0x1000000}}));
}

TEST(Madt, reads_what_xen_tells_a_guest_on_gicv2) {
  const Bytes bytes = test::xen_madt(8, 2);
  const Madt madt = Madt::open(bytes).value();
  EXPECT_EQ(all(madt.processors()).at(7).interface_base, 0x3002000U);
  EXPECT_EQ(madt.distributor().value().value().version, 2U);
  EXPECT_TRUE(all(madt.redistributors()).empty());
}

TEST(Madt, reads_processors_of_every_age) {
  for (const std::size_t length : {40U, 76U, 80U, 82U, 100U}) {
    const Bytes bytes = test::madt({gicc({.cpu_interface = 4,
                                          .uid = 5,
                                          .interface_base = 0x123456789a,
                                          .redistributor_base = 0xabcdef0123,
                                          .mpidr = 0x12'0003'0405,
                                          .length = length}),
                                    gicc({.uid = 6})});
    const std::vector<Madt_processor> processors = all(Madt::open(bytes).value().processors());
    ASSERT_EQ(processors.size(), 2U) << length;
    EXPECT_EQ(processors[0].cpu_interface, 4U);
    EXPECT_EQ(processors[0].uid, 5U);
    EXPECT_EQ(processors[0].interface_base, 0x123456789aU);
    if (length == 40) {
      EXPECT_EQ(processors[0].mpidr, std::nullopt);
      EXPECT_EQ(processors[0].redistributor_base, 0U);
    } else {
      EXPECT_EQ(processors[0].mpidr, Mpidr{0x12'0003'0405});
      EXPECT_EQ(processors[0].redistributor_base, 0xabcdef0123U);
    }
    EXPECT_EQ(processors[1].uid, 6U);
  }
}

TEST(Madt, tells_enabled_online_capable_and_disabled_apart) {
  const Bytes bytes = test::madt(
      {gicc({.flags = 1}), gicc({.flags = 8}), gicc({.flags = 0}), gicc({.flags = 6}), gicc({.flags = 9})});
  const std::vector<Madt_processor> processors = all(Madt::open(bytes).value().processors());
  EXPECT_EQ(processors[0].state, Processor_state::enabled);
  EXPECT_EQ(processors[1].state, Processor_state::online_capable);
  EXPECT_EQ(processors[2].state, Processor_state::disabled);
  EXPECT_EQ(processors[3].state, Processor_state::disabled);
  EXPECT_EQ(processors[4].state, Processor_state::enabled);
}

TEST(Madt, passes_over_structures_it_does_not_know) {
  Bytes its(20);
  test::put(its, 0, 1, 0xf);
  test::put(its, 1, 1, 20);
  const Bytes least{std::byte{0x7f}, std::byte{2}};
  const Bytes bytes = test::madt({its, gicc({.uid = 1}), least, gicd(0x1000, 3), its, gicr(0x2000, 0x3000), least});
  const Madt madt = Madt::open(bytes).value();
  EXPECT_EQ(all(madt.processors()).size(), 1U);
  EXPECT_EQ(all(madt.redistributors()).size(), 1U);
  EXPECT_EQ(madt.distributor().value().value().base, 0x1000U);
}

TEST(Madt, reads_no_further_than_its_length) {
  Bytes bytes = test::xen_madt(2, 3);
  bytes.resize(bytes.size() + 100, std::byte{0xff});
  EXPECT_EQ(all(Madt::open(bytes).value().processors()).size(), 2U);
}

TEST(Madt, of_nothing_has_nothing) {
  const Bytes bytes = test::madt(std::vector<Bytes>{});
  const Madt madt = Madt::open(bytes).value();
  EXPECT_TRUE(all(madt.processors()).empty());
  EXPECT_FALSE(madt.distributor().value());
}

TEST(Madt, names_what_is_wrong_with_the_table) {
  Bytes bytes = test::xen_madt(2, 3);
  bytes[20] ^= std::byte{1};
  EXPECT_EQ(error_of(Madt::open(bytes)), "ACPI APIC: wrong checksum over 236 bytes");
  EXPECT_EQ(error_of(Madt::open(std::span{bytes}.first(35))), "ACPI APIC: has 35 bytes, expected at least 36");
  EXPECT_EQ(error_of(Madt::open(std::span{bytes}.first(235))),
            "ACPI APIC: says it has 236 bytes, expected 36 to 235");
  EXPECT_EQ(error_of(Madt::open(test::table("FA\x01P", Bytes(8)))), "ACPI APIC: begins with \"FA?P\"");
  EXPECT_EQ(error_of(Madt::open(test::table("APIC", Bytes(7)))), "ACPI MADT: has 43 bytes, expected at least 44");
}

TEST(Madt, names_a_structure_that_does_not_fit) {
  Bytes empty = gicc({});
  test::put(empty, 1, 1, 0);
  EXPECT_EQ(error_of(Madt::open(test::madt({gicc({}), empty}))),
            "ACPI MADT: structure at offset 120 has length 0, expected 2 to 76");
  test::put(empty, 1, 1, 77);
  EXPECT_EQ(error_of(Madt::open(test::madt({empty}))),
            "ACPI MADT: structure at offset 44 has length 77, expected 2 to 76");
  EXPECT_EQ(error_of(Madt::open(test::madt({gicc({}), Bytes(1)}))),
            "ACPI MADT: structure at offset 120 has length 0, expected 2 to 1");
}

TEST(Madt, names_a_structure_that_is_too_short_for_its_type) {
  const Bytes processor = test::madt({gicc({.length = 39})});
  EXPECT_EQ(error_of(Madt::open(processor).value().processors().next()),
            "ACPI MADT: structure of type 0xb at offset 44 has 39 bytes, expected at least 40");
  Bytes distributor = gicd(0, 3);
  distributor.resize(23);
  test::put(distributor, 1, 1, 23);
  const Bytes bytes = test::madt({distributor});
  EXPECT_EQ(error_of(Madt::open(bytes).value().distributor()),
            "ACPI MADT: structure of type 0xc at offset 44 has 23 bytes, expected at least 24");
}

TEST(Madt, names_a_processor_whose_affinity_is_none) {
  const Bytes bytes = test::madt({gicc({.uid = 3, .mpidr = 0x80000003})});
  auto walk = Madt::open(bytes).value().processors();
  EXPECT_EQ(error_of(walk.next()), "ACPI MADT: processor 3 has MPIDR 0x80000003, expected affinity bits only");
  EXPECT_FALSE(walk.next().value());
}

TEST(Madt, leaves_the_affinity_of_a_disabled_processor_alone) {
  const Bytes bytes = test::madt({gicc({.uid = 3, .flags = 0, .mpidr = ~std::uint64_t{0}})});
  EXPECT_EQ(all(Madt::open(bytes).value().processors()).at(0).state, Processor_state::disabled);
}

TEST(Madt, names_redistributors_beyond_the_last_address) {
  const Bytes bytes = test::madt({gicr(0xffff'ffff'ffff'f000, 0x2000)});
  EXPECT_EQ(error_of(Madt::open(bytes).value().redistributors().next()),
            "ACPI MADT: redistributors have 0x2000 bytes at 0xfffffffffffff000, beyond the last address");
}

class Acpi_walk : public testing::Test {
 protected:
  static constexpr std::uint64_t rsdp = 0x20000000;
  static constexpr std::uint64_t xsdt = 0x20000040;
  static constexpr std::uint64_t fadt = 0x20000100;
  static constexpr std::uint64_t madt = 0x20000300;

  Acpi_walk() {
    memory_.place(rsdp, test::rsdp(xsdt));
    memory_.place(xsdt, test::xsdt({fadt, madt}));
    memory_.place(fadt, test::table("FACP", Bytes(240)));
    memory_.place(madt, test::xen_madt(4, 3));
  }
  [[nodiscard]] std::string error() const { return error_of(find_madt(memory_, rsdp)); }

  test::Memory memory_;
};

TEST_F(Acpi_walk, finds_the_madt_behind_other_tables) {
  EXPECT_EQ(all(find_madt(memory_, rsdp).value().processors()).size(), 4U);
}

TEST_F(Acpi_walk, names_a_root_pointer_that_is_wrong) {
  Bytes& bytes = memory_.at(rsdp);
  bytes[33] ^= std::byte{1};
  EXPECT_EQ(error(), "ACPI RSDP: wrong checksum over 36 bytes");
  bytes[19] ^= std::byte{1};
  EXPECT_EQ(error(), "ACPI RSDP: wrong checksum over 20 bytes");
  bytes[0] ^= std::byte{1};
  EXPECT_EQ(error(), "ACPI RSDP: does not begin with \"RSD PTR \"");
  bytes = test::rsdp(xsdt);
  bytes[15] = std::byte{0};
  test::seal(bytes, 8, 20);
  EXPECT_EQ(error(), "ACPI RSDP: has revision 0, expected 2 or later");
  EXPECT_EQ(error_of(find_madt(memory_, 0x1000)), "ACPI: no table can be read at 0x1000 (36 bytes)");
}

TEST_F(Acpi_walk, names_an_xsdt_that_is_wrong) {
  Bytes& bytes = memory_.at(xsdt);
  bytes.back() ^= std::byte{1};
  EXPECT_EQ(error(), "ACPI XSDT: wrong checksum over 52 bytes");
  test::put(bytes, test::length_at, 4, 35);
  EXPECT_EQ(error(), "ACPI XSDT at 0x20000040: has 35 bytes, expected 36 to 1048576");
  test::put(bytes, test::length_at, 4, 0xffffffff);
  EXPECT_EQ(error(), "ACPI XSDT at 0x20000040: has 4294967295 bytes, expected 36 to 1048576");
  test::put(bytes, test::length_at, 4, 53);
  EXPECT_EQ(error(), "ACPI: no table can be read at 0x20000040 (53 bytes)");
  bytes = test::table("RSDT", Bytes(16));
  EXPECT_EQ(error(), "ACPI XSDT: begins with \"RSDT\"");
}

TEST_F(Acpi_walk, names_an_entry_that_leads_nowhere) {
  memory_.place(xsdt, test::xsdt({fadt, 0x30000000, madt}));
  EXPECT_EQ(error(), "ACPI: no table can be read at 0x30000000 (36 bytes)");
}

TEST_F(Acpi_walk, says_that_there_is_no_madt) {
  memory_.place(xsdt, test::xsdt({fadt}));
  EXPECT_EQ(error(), "ACPI XSDT: has no MADT among its tables");
  memory_.place(xsdt, test::xsdt({}));
  EXPECT_EQ(error(), "ACPI XSDT: has no MADT among its tables");
}

TEST_F(Acpi_walk, checks_the_madt_it_finds) {
  memory_.at(madt).back() ^= std::byte{1};
  EXPECT_NE(error().find("wrong checksum"), std::string::npos);
}

// Asks all of a table in memory that ends where it does.
void ask(std::span<const std::byte> bytes) {
  const auto copy = std::make_unique<std::byte[]>(bytes.size());
  std::ranges::copy(bytes, copy.get());
  const Result<Madt> madt = Madt::open({copy.get(), bytes.size()});
  if (!madt) {
    EXPECT_EQ(std::string{madt.error().text()}.find("ACPI "), 0U);
    return;
  }
  static_cast<void>(madt->distributor());
  auto processors = madt->processors();
  for (auto step = processors.next(); step && *step; step = processors.next()) {
  }
  auto redistributors = madt->redistributors();
  for (auto step = redistributors.next(); step && *step; step = redistributors.next()) {
  }
}

TEST(Madt_corruption, cut_off_anywhere_does_no_harm) {
  const Bytes whole = test::xen_madt(5, 3);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ask(std::span{whole}.first(size));
    if (size >= 36) {
      // The same with a header that agrees.
      Bytes cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
      test::put(cut, test::length_at, 4, size);
      test::seal(cut, test::checksum_at, size);
      ask(cut);
    }
  }
}

TEST(Madt_corruption, of_any_byte_does_no_harm) {
  const Bytes whole = test::xen_madt(5, 3);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      Bytes wrong = whole;
      wrong[at] = static_cast<std::byte>(value);
      ask(wrong);
      test::seal(wrong, test::checksum_at, wrong.size());
      ask(wrong);
    }
  }
}

}  // namespace
}  // namespace enlighten::guest
