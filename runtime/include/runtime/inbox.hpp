// SPDX-License-Identifier: MIT
// How work crosses from one vCPU to another: many may post, one takes, nobody waits.
#pragma once

#include <atomic>
#include <coroutine>

namespace enlighten::runtime {

// A piece of work. Lives in whoever posted it until it has run.
struct Work {
  void (*run)(Work&) = nullptr;
  Work* next = nullptr;
};

// The rest of a coroutine that waits.
struct Resume : Work {
  Resume() noexcept { run = resume; }
  static void resume(Work& work) noexcept { static_cast<Resume&>(work).waiter.resume(); }

  std::coroutine_handle<> waiter;
};

class Inbox {
 public:
  void post(Work& work) noexcept {
    Work* head = head_.load(std::memory_order_relaxed);
    do {
      work.next = head;
      // Sequentially consistent, which includes release: the taker's exchange sees all that was stored before, the
      // work's own fields first of all; weaker, it could run a piece that is half written. And this store is
      // ordered before the poster's look at whether the taker sleeps: see Executor::sleep().
    } while (!head_.compare_exchange_weak(head, &work, std::memory_order_seq_cst, std::memory_order_relaxed));
  }

  [[nodiscard]] bool empty() const noexcept { return head_.load(std::memory_order_seq_cst) == nullptr; }

  // All that is there, in the order of posting; nullptr if nothing is.
  [[nodiscard]] Work* take() noexcept {
    // Acquire: pairs with the poster's release above, for which see there.
    Work* newest = head_.exchange(nullptr, std::memory_order_acquire);
    Work* oldest = nullptr;
    while (newest != nullptr) {
      Work* const next = newest->next;
      newest->next = oldest;
      oldest = newest;
      newest = next;
    }
    return oldest;
  }

 private:
  std::atomic<Work*> head_{nullptr};
};

}  // namespace enlighten::runtime
