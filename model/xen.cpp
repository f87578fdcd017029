// SPDX-License-Identifier: MIT
// Makes domains and finds them.
#include <model/xen.hpp>

namespace enlighten::model {

std::optional<abi::Errno> Processor::refuse(abi::Hypercall /*call*/, std::uint32_t /*operation*/) {
  return std::nullopt;
}

Xen::Xen(Processor& processor, const Xen_options& options)
    : processor_{processor}, options_{options}, memory_{options.machine_pages} {}

Domain& Xen::create(const Domain_options& options) {
  const Domain_id id{static_cast<std::uint16_t>(domains_.size() + 1)};
  return *domains_.emplace_back(std::make_unique<Domain>(*this, id, options));
}

Domain* Xen::find(Domain_id id) {
  const std::size_t index = id.value() - std::size_t{1};
  return index < domains_.size() ? domains_[index].get() : nullptr;
}

}  // namespace enlighten::model
