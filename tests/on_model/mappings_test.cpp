// SPDX-License-Identifier: MIT
// The model reads a guest's translation tables, which arch/ builds, and blames it for sharing what is not
// write-back, and for mapping for writing what Xen does not let it write to.
#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <string>

#include <abi/grant_table.hpp>
#include <abi/vcpu_op.hpp>
#include <arch/image_table.hpp>
#include <arch/translation.hpp>

#include "bare_guest.hpp"
#include "calls.hpp"

namespace enlighten::on_model {
namespace {

using model_machine::Model_vcpu;
using model_machine::Outcome;

// Tables of a guest that maps its first 2 MiB of RAM as data, but one page of it as told.
class Tables {
 public:
  explicit Tables(Model_vcpu& vcpu, arch::Memory_kind kind)
      : base_{vcpu.domain().ram_base()}, next_{base_ + vcpu.domain().ram_size() - (std::uint64_t{64} << 12U)} {
    auto table = *arch::Image_table::create(memory_, options);
    const auto add = [&](std::uint64_t start, std::uint64_t pages, arch::Memory_kind what) {
      EXPECT_TRUE(table.map(arch::identity(start, pages * abi::page_size, what)));
    };
    add(base_, odd_page, arch::Memory_kind::data);
    add(base_ + odd_page * abi::page_size, 1, kind);
    add(base_ + (odd_page + 1) * abi::page_size, 511 - odd_page, arch::Memory_kind::data);
    vcpu.use_translation({table.top(), arch::translation_control(options.input, options.output),
                          arch::Descriptor::memory_attributes});
  }

  static constexpr std::uint64_t odd_page = 8;

 private:
  static constexpr arch::Page_table_options options{arch::Input_bits::bits_39, arch::Output_bits::bits_40,
                                                    arch::Descriptor::Scope::global};

  static std::optional<std::uint64_t> allocate(void* self) noexcept {
    std::uint64_t& next = static_cast<Tables*>(self)->next_;
    const std::uint64_t page = next;
    next += abi::page_size;
    std::memset(reinterpret_cast<void*>(page), 0, abi::page_size);
    return page;
  }

  std::uint64_t base_;
  std::uint64_t next_;
  arch::Image_table_memory memory_{allocate, this};
};

Ran share(arch::Memory_kind kind, std::uint64_t page) {
  return run_bare({.schedule = "random", .vcpus = 1}, [=](Model_vcpu& vcpu, std::uint64_t) {
    const Tables tables{vcpu, kind};
    abi::Vcpu_register_vcpu_info argument{abi::gfn_of(vcpu.domain().ram_base() + page * abi::page_size), 0};
    static_cast<void>(vcpu_op(abi::Vcpu_op::register_vcpu_info, Vcpu_id{0}, argument));
  });
}

TEST(Mappings_on_model, of_data_may_be_shared) {
  EXPECT_EQ(share(arch::Memory_kind::data, Tables::odd_page).outcome, Outcome::done);
}

TEST(Mappings_on_model, as_a_device_may_not_be_shared_and_what_lies_beside_may) {
  const Ran wrong = share(arch::Memory_kind::device, Tables::odd_page);
  EXPECT_EQ(wrong.outcome, Outcome::blamed);
  EXPECT_NE(wrong.story.find("not Normal write-back"), std::string::npos) << wrong.story;
  EXPECT_EQ(share(arch::Memory_kind::device, Tables::odd_page - 1).outcome, Outcome::done);
  EXPECT_EQ(share(arch::Memory_kind::device, Tables::odd_page + 1).outcome, Outcome::done);
}

// The domain maps a grant of its own for reading, at a page that its tables map as told.
Ran map_read_only(arch::Memory_kind kind) {
  return run_bare({.schedule = "random", .vcpus = 1}, [=](Model_vcpu& vcpu, std::uint64_t) {
    model::Domain& domain = vcpu.domain();
    const std::uint64_t at = domain.ram_base() + Tables::odd_page * abi::page_size;
    domain.grant_table(domain.id())->seed(Grant_ref{8}, domain.id(), abi::gfn_of(at + abi::page_size));
    abi::Gnttab_map_grant_ref map{.host_addr = at,
                                  .flags = abi::grant_map::host_map | abi::grant_map::readonly,
                                  .ref = Grant_ref{8},
                                  .dom = domain.id()};
    static_cast<void>(grant_table_op(abi::Grant_table_op::map_grant_ref, map));
    EXPECT_EQ(map.status, abi::Grant_status::okay);
    const Tables tables{vcpu, kind};
  });
}

TEST(Mappings_on_model, for_writing_of_a_grant_that_is_for_reading_are_blamed) {
  const Ran wrong = map_read_only(arch::Memory_kind::data);
  EXPECT_EQ(wrong.outcome, Outcome::blamed);
  EXPECT_NE(wrong.story.find("a store would never end"), std::string::npos) << wrong.story;
  EXPECT_EQ(map_read_only(arch::Memory_kind::read_only).outcome, Outcome::done);
}

}  // namespace
}  // namespace enlighten::on_model
