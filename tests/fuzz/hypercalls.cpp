// SPDX-License-Identifier: MIT
// Any bytes as what two guests ask of the modelled Xen, and as what is written to the words they share with it: the
// model answers every call, and neither crashes nor waits for itself.
#include <array>
#include <functional>
#include <string>

#include <model/xen.hpp>

#include "asking_guest.hpp"
#include "input.hpp"

namespace enlighten::fuzz {
namespace {

// Nobody else runs here, but somebody may write where Xen is about to look.
class Processor final : public model::Processor {
 public:
  explicit Processor(Input& input) : input_{input} {}

  void step(const void* where) override {
    constexpr std::uint8_t seldom = 0xfc;
    if (where != nullptr && others_write && input_.take<std::uint8_t>() >= seldom) {
      *const_cast<std::uint8_t*>(static_cast<const std::uint8_t*>(where)) = input_.take<std::uint8_t>();
    }
  }
  // Nobody wakes those who block or poll, so they go on. Who waits for a lock asks again, and here for ever: only
  // the call itself can have taken it.
  void wait(const std::function<bool()>& condition) override {
    constexpr std::uint32_t most = 100'000;
    require(condition() || ++in_vain_ != most);
  }
  void wait_for_interrupt() override {}
  void start(model::Domain& /*domain*/, const model::Vcpu_start& /*start*/) override {}
  void report(model::Domain& /*domain*/, const std::string& /*what*/) override {}
  [[nodiscard]] std::uint64_t now() override { return ++now_; }

  bool others_write = false;

 private:
  Input& input_;
  std::uint64_t now_ = 0;
  std::uint32_t in_vain_ = 0;
};

}  // namespace
}  // namespace enlighten::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace enlighten;
  fuzz::Input input{data, size};
  fuzz::Processor processor{input};
  const auto release = static_cast<model::Release>(input.take<std::uint8_t>() % 7);
  const auto options = input.take<std::uint8_t>();
  model::Xen xen{processor, {.release = release, .quirks = {}, .silo = (options & 1U) != 0}};
  const std::uint32_t vcpus = (options & 2U) != 0 ? 34 : 3;  // shared_info has room for 32
  std::array guests{fuzz::Asking_guest{input, xen.create({.vcpus = vcpus, .ram_pages = 12, .most_ram_pages = 64})},
                    fuzz::Asking_guest{input, xen.create({.vcpus = 1, .ram_pages = 12, .most_ram_pages = 64})}};
  processor.others_write = (options & 4U) != 0;
  const bool alone = (options & 8U) != 0;
  while (!input.empty()) {
    guests[alone ? 0 : input.take<std::uint8_t>() % 2].act();
  }
  return 0;
}
