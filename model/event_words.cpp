// SPDX-License-Identifier: MIT
// Access to event words, and the rules a guest has to keep with them ([xen] event_channel.h, event_fifo.c).
#include <model/event_words.hpp>

#include <sstream>

namespace enlighten::model {
namespace {

using abi::Event_word;
namespace bits = abi::event_word;

constexpr Event_word reserved = ~(bits::pending | bits::masked | bits::linked | bits::busy | bits::link);

// What is wrong with `found` in a word that Xen left as `known`; null if nothing.
const char* wrong_since(Event_word known, Event_word found) {
  const Event_word changed = known ^ found;
  if ((changed & bits::busy) != 0) {
    return "BUSY is Xen's to change";
  }
  if ((changed & found & bits::linked) != 0) {
    return "LINKED is Xen's to set";
  }
  if ((known & bits::linked) == 0) {
    return nullptr;
  }
  if ((found & bits::linked) == 0) {
    return (found & bits::link) != 0 ? "LINKED is cleared together with LINK, or not at all" : nullptr;
  }
  if ((changed & bits::link) != 0) {
    return "LINK of a LINKED word is Xen's to change";
  }
  return (changed & found & bits::pending) != 0 ? "PENDING of a LINKED word is Xen's to set" : nullptr;
}

std::string in_hexadecimal(Event_word word) {
  std::ostringstream text;
  text << "0x" << std::hex << word;
  return text.str();
}

}  // namespace

std::uint32_t Event_words::ports() const {
  return page_count_.load(std::memory_order_acquire) * abi::fifo_words_per_page;
}

bool Event_words::add_page(abi::Gfn frame) {
  std::byte* page = domain_.ram(frame);
  if (page == nullptr) {
    return false;
  }
  const std::uint32_t index = page_count_.load(std::memory_order_relaxed);
  domain_.pin(frame, "a page of the FIFO event array");
  frames_[index] = frame;
  // The page is an array of words from here on; its bytes are the guest's, aligned to a page.
  pages_[index].store(reinterpret_cast<Event_word*>(page), std::memory_order_relaxed);
  page_count_.store(index + 1, std::memory_order_release);
  return true;
}

// Who reads without the lock may still do so: the pages themselves are the guest's and stay.
void Event_words::remove_all() {
  const std::uint32_t count = page_count_.exchange(0, std::memory_order_acq_rel);
  for (std::uint32_t index = 0; index < count; ++index) {
    domain_.unpin(*frames_[index]);
    frames_[index].reset();
  }
  left_.clear();
}

Event_word Event_words::load(Port port) {
  const Event_word found = shared(port).load();
  judge(port, found, found);
  return found;
}

Event_word Event_words::set(Port port, Event_word bits) {
  const Event_word found = shared(port).set(bits);
  judge(port, found, found | bits);
  return found;
}

Event_word Event_words::clear(Port port, Event_word bits) {
  const Event_word found = shared(port).clear(bits);
  judge(port, found, found & ~bits);
  return found;
}

bool Event_words::compare_exchange(Port port, Event_word& expected, Event_word desired) {
  const bool exchanged = shared(port).compare_exchange(expected, desired);
  judge(port, expected, exchanged ? desired : expected);
  return exchanged;
}

Event_word Event_words::peek(Port port) {
  return shared(port).load();
}

Event_word& Event_words::at(Port port) {
  return pages_[port.value() / abi::fifo_words_per_page].load(
      std::memory_order_relaxed)[port.value() % abi::fifo_words_per_page];
}

void Event_words::judge(Port port, Event_word found, Event_word now) {
  constexpr Event_word xens = bits::linked | bits::busy;
  const auto left = left_.find(port.value());
  const Event_word known = left != left_.end() ? left->second : found & ~xens;
  if (checking_) {
    if (const char* wrong = wrong_since(known, found)) {
      blame(port, found, std::string{wrong} + ", and Xen left " + in_hexadecimal(known));
    } else if ((found & reserved) != 0) {
      blame(port, found, "bits 27 to 17 are reserved");
    }
  }
  if ((now & xens) != 0) {
    left_[port.value()] = now;
  } else if (left != left_.end()) {
    left_.erase(left);
  }
}

void Event_words::blame(Port port, Event_word found, const std::string& what) {
  domain_.blame_guest("FIFO event word of port " + std::to_string(port.value()) + " is " + in_hexadecimal(found) +
                      ": " + what);
}

}  // namespace enlighten::model
