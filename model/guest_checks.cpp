// SPDX-License-Identifier: MIT
// What a domain blames its guest for besides the rules of one interface: whose call it is, and how memory is
// mapped.
#include <string>
#include <utility>
#include <vector>

#include <model/xen.hpp>

#include "arguments.hpp"

namespace enlighten::model {

// Naming a vCPU that is off is how its way up is prepared; one that runs can do it, and knows better who it is.
void Domain::check_named_vcpu(Vcpu_id self, Vcpu_id named, const char* call) {
  if (named != self && named.value() < vcpus() && !vcpus_[named.value()].down.load(std::memory_order_relaxed)) {
    blame_guest(std::string{call} + " for vCPU " + std::to_string(named.value()) + ", which is online, by vCPU " +
                std::to_string(self.value()) + ": the wrong vCPU");
  }
}

void Domain::check_init_control(Vcpu_id self, std::uint64_t argument) {
  if (const auto wanted = arguments::read<abi::Evtchn_init_control>(*this, argument)) {
    check_named_vcpu(self, wanted->vcpu, "EVTCHNOP_init_control");
  }
}

void Domain::check_kind(abi::Gfn frame, const char* shared_as) {
  {
    const std::lock_guard guard{pins_mutex_};
    if (!kinds_.contains(frame)) {
      return;
    }
  }
  blame_guest("frame " + std::to_string(frame.value()) + " is shared with Xen, as " + shared_as +
              ", and the guest's mapping of it is not Normal write-back");
}

void Domain::set_memory_kinds(std::map<abi::Gfn, Memory_kind> other_than_write_back) {
  std::vector<abi::Gfn> frames;
  frames.reserve(other_than_write_back.size());
  for (const auto& [frame, kind] : other_than_write_back) {
    frames.push_back(frame);
  }
  {
    const std::lock_guard guard{pins_mutex_};
    kinds_ = std::move(other_than_write_back);
  }
  for (const abi::Gfn frame : frames) {
    if (const char* const by = pinned_by(frame)) {
      check_kind(frame, by);
    }
  }
}

std::vector<abi::Gfn> Domain::frames_granted_read_only() {
  return grants_->mapped_read_only();
}

void Domain::place(abi::Gfn frame, Mfn what, Access access) {
  map_.place(frame, what, access);
  check_kind(frame, what == shared_info_ ? "shared_info" : "a page of Xen's or of another domain's");
}

}  // namespace enlighten::model
