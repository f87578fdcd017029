// SPDX-License-Identifier: MIT
// Memory and addresses of a domain on the model, for code that shares pages.
#pragma once

#include <cstring>
#include <vector>

#include <abi/frame.hpp>
#include <guest/frame_mapper.hpp>
#include <guest/hypercalls.hpp>
#include <guest/machine.hpp>
#include <guest/page_pool.hpp>
#include <guest/page_source.hpp>
#include <model/domain.hpp>

namespace enlighten::on_model {

// What a domain's code asks of its user. Nothing here is a place where others may come in.
class Footing final : public guest::Page_source, public guest::Page_pool, public guest::Frame_mapper {
 public:
  explicit Footing(model::Domain& domain) : domain_{domain}, next_{domain.ram_base()} {}

  [[nodiscard]] void* page() noexcept override { return take(1); }

  [[nodiscard]] void* take(std::uint32_t pages) noexcept override {
    std::byte* first = nullptr;
    if (pages == 1 && !free_.empty()) {
      first = free_.back();
      free_.pop_back();
    } else {
      first = reinterpret_cast<std::byte*>(next_);
      next_ += pages * abi::page_size;
    }
    std::memset(first, 0, pages * abi::page_size);
    return first;
  }

  void give_back(void* page) noexcept override {
    if (is_used_by_others(page)) {
      domain_.blame_guest("a page came back that another domain has mapped");
    }
    free_.push_back(static_cast<std::byte*>(page));
  }

  [[nodiscard]] Result<> map(std::uint64_t, std::uint64_t, guest::Frame_access) noexcept override { return {}; }
  [[nodiscard]] Result<> unmap(std::uint64_t, std::uint64_t) noexcept override { return {}; }

  // Behind RAM there is nothing: the first pages for the table, others for what is mapped.
  [[nodiscard]] guest::Memory_range table() const {
    return {domain_.ram_base() + domain_.ram_size(), 4 * abi::page_size};
  }
  [[nodiscard]] guest::Memory_range window() const { return {table().base + table().size, 8 * abi::page_size}; }

 private:
  [[nodiscard]] bool is_used_by_others(const void* page) {
    const auto frame = domain_.machine_frame(guest::gfn_of_object(page));
    return frame && domain_.grant_table(domain_.id())->in_use(*frame);
  }

  model::Domain& domain_;
  std::uint64_t next_;
  std::vector<std::byte*> free_;
};

}  // namespace enlighten::on_model
