// SPDX-License-Identifier: MIT
// The other end of tests/images/vchan, in domain 0, by libxenvchan as it is: vchan_peer server|client DOMAIN PATH
// LEFT RIGHT BYTES PACKETS; ends with 0 if all that came is what it should be. With `endless` for BYTES it sends
// for ever, and says when that is more than any ring holds.
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

extern "C" {
#include <libxenvchan.h>
}

#include <tests/vchan_stream.hpp>

namespace {

using vchan::Hash;
using vchan::Pattern;

// What libxenvchan says with -1 has no reason by it.
[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "vchan_peer: %s\n", what);
  std::exit(1);
}

template <typename Number>
Number number(std::string_view text) {
  Number value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ptr != text.data() + text.size()) {
    fail("an argument is no number");
  }
  return value;
}

// A moment's number of bytes that a call took or gave.
std::size_t moved(int result, const char* what) {
  if (result < 0) {
    fail(what);
  }
  return static_cast<std::size_t>(result);
}

// One direction: a stream in whole chunks, then packets, as the image has it.
class Direction {
 public:
  Direction(std::uint64_t seed, std::uint64_t bytes, std::uint32_t packets)
      : pattern_{seed}, bytes_{bytes}, packets_{packets} {}

  [[nodiscard]] bool done() const { return bytes_ == 0 && packets_ == 0; }

 protected:
  // Of the chunk or packet at hand, all bytes as they should be.
  [[nodiscard]] std::vector<std::byte> next() {
    std::vector<std::byte> one(bytes_ != 0 ? vchan::chunk : vchan::packet_length(pattern_));
    pattern_.fill(one);
    return one;
  }
  [[nodiscard]] bool in_stream() const { return bytes_ != 0; }
  void finish() {
    if (bytes_ != 0) {
      bytes_ -= vchan::chunk;
    } else {
      --packets_;
    }
  }

 private:
  Pattern pattern_;
  std::uint64_t bytes_;
  std::uint32_t packets_;
};

class Sending : public Direction {
 public:
  using Direction::Direction;

  // Whether anything went.
  bool step(libxenvchan* channel) {
    if (done()) {
      return false;
    }
    if (at_ == one_.size()) {
      one_ = next();
      at_ = 0;
    }
    const std::size_t count =
        in_stream() ? moved(libxenvchan_write(channel, one_.data() + at_, one_.size() - at_), "writing fails")
                    : moved(libxenvchan_send(channel, one_.data(), one_.size()), "sending fails");
    at_ += count;
    if (at_ == one_.size()) {
      finish();
    }
    return count != 0;
  }

 private:
  std::vector<std::byte> one_;
  std::size_t at_ = 0;
};

class Receiving : public Direction {
 public:
  using Direction::Direction;

  bool step(libxenvchan* channel) {
    if (done()) {
      return false;
    }
    if (at_ == expected_.size()) {
      expected_ = next();
      got_.resize(expected_.size());
      at_ = 0;
    }
    const std::size_t count =
        in_stream() ? moved(libxenvchan_read(channel, got_.data() + at_, got_.size() - at_), "reading fails")
                    : moved(libxenvchan_recv(channel, got_.data(), got_.size()), "receiving fails");
    at_ += count;
    if (at_ == expected_.size()) {
      hash_.add(got_);
      expected_hash_.add(expected_);
      finish();
    }
    return count != 0;
  }

  [[nodiscard]] bool right() const { return hash_.value() == expected_hash_.value(); }

 private:
  std::vector<std::byte> expected_;
  std::vector<std::byte> got_;
  std::size_t at_ = 0;
  Hash hash_;
  Hash expected_hash_;
};

// A client finds nothing before the guest has come so far.
libxenvchan* open_as_client(int domain, const char* path) {
  constexpr int most_attempts = 600;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    if (libxenvchan* const channel = libxenvchan_client_init(nullptr, domain, path)) {
      return channel;
    }
    usleep(100'000);
  }
  return nullptr;
}

}  // namespace

int main(int count, char** words) {
  if (count != 8) {
    fail("server|client DOMAIN PATH LEFT RIGHT BYTES PACKETS");
  }
  const bool is_server = std::string_view{words[1]} == "server";
  const bool is_endless = std::string_view{words[6]} == "endless";
  const int domain = number<int>(words[2]);
  const std::uint64_t bytes = is_endless ? ~std::uint64_t{0} - vchan::chunk + 1 : number<std::uint64_t>(words[6]);
  const auto packets = number<std::uint32_t>(words[7]);
  libxenvchan* const channel =
      is_server ? libxenvchan_server_init(nullptr, domain, words[3], number<std::size_t>(words[4]),
                                          number<std::size_t>(words[5]))
                : open_as_client(domain, words[3]);
  if (channel == nullptr) {
    fail("there is no channel");
  }
  channel->blocking = 0;
  Sending sending{is_server ? vchan::server_seed : vchan::client_seed, bytes, packets};
  Receiving receiving{is_server ? vchan::client_seed : vchan::server_seed, is_endless ? 0 : bytes, packets};
  constexpr unsigned many_steps = 1000;
  for (unsigned steps = 0; !sending.done() || !receiving.done();) {
    const bool has_sent = sending.step(channel);
    steps += has_sent ? 1 : 0;
    if (is_endless && has_sent && steps == many_steps) {
      std::puts("the guest reads");
      std::fflush(stdout);
    }
    const bool has_received = receiving.step(channel);
    if (!has_sent && !has_received && libxenvchan_wait(channel) != 0) {
      fail("waiting fails");
    }
  }
  libxenvchan_close(channel);
  if (!receiving.right()) {
    fail("what came is not what was sent");
  }
  std::puts("all of it came");
  return 0;
}
