// SPDX-License-Identifier: MIT
// Objects in a row, without memory of their own: each carries its two neighbours, and leaves whatever row it is in.
#pragma once

#include <utility>

namespace enlighten::guest {

// What stands in a row derives from this; in one row at a time.
class Linked {
 public:
  Linked() noexcept = default;
  Linked(const Linked&) = delete;
  Linked& operator=(const Linked&) = delete;

  [[nodiscard]] bool is_linked() const noexcept { return next_ != this; }
  // Out of the row it is in, if it is in one.
  void unlink() noexcept {
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = this;
  }

 private:
  template <typename T>
  friend class Linked_ring;

  // Before `place`.
  void link(Linked& place) noexcept {
    next_ = &place;
    previous_ = std::exchange(place.previous_, this);
    previous_->next_ = this;
  }

  Linked* next_ = this;
  Linked* previous_ = this;
};

template <typename T>
class Linked_ring {
 public:
  [[nodiscard]] bool empty() const noexcept { return !head_.is_linked(); }

  // Not linked as yet.
  void push_back(T& object) noexcept { static_cast<Linked&>(object).link(head_); }
  void push_front(T& object) noexcept { static_cast<Linked&>(object).link(*head_.next_); }

  // nullptr at either end.
  [[nodiscard]] T* first() const noexcept { return object(*head_.next_); }
  [[nodiscard]] T* last() const noexcept { return object(*head_.previous_); }
  [[nodiscard]] T* before(const T& after) const noexcept {
    return object(*static_cast<const Linked&>(after).previous_);
  }
  [[nodiscard]] T* after(const T& before) const noexcept {
    return object(*static_cast<const Linked&>(before).next_);
  }

  // Unlinked; nullptr if there is none.
  [[nodiscard]] T* pop_front() noexcept { return unlinked(first()); }
  [[nodiscard]] T* pop_back() noexcept { return unlinked(last()); }

  // Moves those that `wanted` holds for behind what is in `to`, in their order.
  template <typename Predicate>
  void move_if(Linked_ring& to, Predicate wanted) noexcept {
    for (T* one = first(); one != nullptr;) {
      T* const next = after(*one);
      if (wanted(*one)) {
        one->unlink();
        to.push_back(*one);
      }
      one = next;
    }
  }

 private:
  [[nodiscard]] T* object(Linked& linked) const noexcept {
    return &linked == &head_ ? nullptr : static_cast<T*>(&linked);
  }
  [[nodiscard]] static T* unlinked(T* object) noexcept {
    if (object != nullptr) {
      object->unlink();
    }
    return object;
  }

  Linked head_;
};

}  // namespace enlighten::guest
