// SPDX-License-Identifier: MIT
// The flag by which Xen says "there are events, look": vcpu_info.evtchn_upcall_pending, the same for both ABIs.
#pragma once

#include <atomic>

#include <abi/vcpu_info.hpp>
#include <guest/shared_words.hpp>

namespace enlighten::guest {

// Xen injects the upcall interrupt when it turns the flag from 0 to 1, and not while it is 1 ([xen] xen.h). A flag
// left at 1 therefore makes a vCPU deaf for good.
template <Word_policy Words = Shared_words>
class Upcall {
 public:
  explicit Upcall(abi::Vcpu_info& info, Words words = {}) noexcept : info_{&info}, words_{words} {}

  [[nodiscard]] bool is_pending() const noexcept {
    return words_.load(info_->evtchn_upcall_pending, std::memory_order_relaxed) != 0;
  }

  // Before looking for events, never after. The first access of the scan that follows must be a seq_cst load.
  //
  // Ordered is this store before that load, of `ready` or of the selector word: a store and a later load of another
  // word, which acquire and release leave free to pass each other. At the other end Xen first sets the bit in that
  // word and then tests this flag, with a full barrier between. Were it weaker, we could read the word before Xen
  // sets its bit while Xen still finds the flag at 1: Xen injects nothing, we see nothing, and the event is lost.
  // (Both seq_cst is STLRB and LDAR on Armv8, which keep their order; a fence would be DMB ISH, dearer and no
  // stronger.)
  void acknowledge() const noexcept { words_.store(info_->evtchn_upcall_pending, 0, std::memory_order_seq_cst); }

 private:
  abi::Vcpu_info* info_;
  [[no_unique_address]] Words words_;
};

}  // namespace enlighten::guest
