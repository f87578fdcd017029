// SPDX-License-Identifier: MIT
// Handles of mapped grants.
#include <model/maptrack.hpp>

#include <algorithm>
#include <utility>

namespace enlighten::model {

std::optional<abi::Grant_handle> Maptrack::reserve() {
  const Lock_guard guard{lock_, owner_.turns()};
  if (!free_.empty()) {
    const abi::Grant_handle handle = free_.front();
    free_.pop_front();
    return handle;
  }
  if (mappings_.size() == most_) {
    return std::nullopt;
  }
  mappings_.emplace_back();
  return abi::Grant_handle{static_cast<std::uint32_t>(mappings_.size() - 1)};
}

void Maptrack::give_back(abi::Grant_handle handle) {
  const Lock_guard guard{lock_, owner_.turns()};
  free_.push_back(handle);
}

void Maptrack::track(abi::Grant_handle handle, const Mapping& mapping) {
  const Lock_guard guard{lock_, owner_.turns()};
  mappings_[handle.value()] = mapping;
}

std::optional<Maptrack::Mapping> Maptrack::take(abi::Grant_handle handle) {
  const Lock_guard guard{lock_, owner_.turns()};
  if (handle.value() >= mappings_.size()) {
    return std::nullopt;
  }
  return std::exchange(mappings_[handle.value()], std::nullopt);
}

std::optional<Maptrack::Mapping> Maptrack::take_any() {
  const Lock_guard guard{lock_, owner_.turns()};
  const auto found = std::ranges::find_if(mappings_, &std::optional<Mapping>::has_value);
  return found == mappings_.end() ? std::nullopt : std::exchange(*found, std::nullopt);
}

std::optional<Maptrack::Mapping> Maptrack::find_at(abi::Gfn at) {
  const Lock_guard guard{lock_, owner_.turns()};
  const auto found = std::ranges::find_if(
      mappings_, [at](const std::optional<Mapping>& mapping) { return mapping && mapping->at == at; });
  return found == mappings_.end() ? std::nullopt : *found;
}

bool Maptrack::maps(Mfn frame) {
  const Lock_guard guard{lock_, owner_.turns()};
  return std::ranges::any_of(
      mappings_, [frame](const std::optional<Mapping>& mapping) { return mapping && mapping->frame == frame; });
}

std::vector<abi::Gfn> Maptrack::mapped_read_only() {
  const Lock_guard guard{lock_, owner_.turns()};
  std::vector<abi::Gfn> places;
  for (const std::optional<Mapping>& mapping : mappings_) {
    if (mapping && mapping->access == Access::read) {
      places.push_back(mapping->at);
    }
  }
  return places;
}

}  // namespace enlighten::model
