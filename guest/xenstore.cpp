// SPDX-License-Identifier: MIT
// Sends requests, matches replies to them, and goes on after a new connection.
#include <guest/xenstore.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#include <abi/errno.hpp>

namespace enlighten::guest {
namespace {

[[nodiscard]] Error about(const Xenstore_message& message, Error_kind kind, const char* what) noexcept {
  const std::string_view subject = message.subject();
  return Error::make(kind, "xenstore: %s %.*s: %s", message.verb(), static_cast<int>(subject.size()),
                     subject.data(), what);
}

[[nodiscard]] bool is_below(std::string_view path, std::string_view top) noexcept {
  return path.starts_with(top) && (path.size() == top.size() || top == "/" || path[top.size()] == '/');
}

}  // namespace

void Xenstore::submit(Xenstore_request& request, const Xenstore_message& message, std::uint64_t deadline) noexcept {
  request.message_ = message;
  request.deadline_ = deadline;
  request.is_sent_ = false;
  if (failure_) {
    request.on_reply(*failure_);
    return;
  }
  if (message.size() > abi::xenstore_payload_max) {
    // xenstored would break the connection.
    request.on_reply(about(message, Error_kind::argument, "longer than a message may be (4096 bytes)"));
    return;
  }
  waiting_.push_back(request);
  flush();
}

void Xenstore::cancel(Xenstore_request& request) noexcept {
  // What of it is on its way out goes on from our buffer.
  request.unlink();
}

void Xenstore::watch(Xenstore_watch& watch, std::string_view path, std::uint64_t deadline) noexcept {
  watch.store_ = this;
  watch.path_ = path;
  std::uint32_t number = next_token_++;
  for (char& digit : watch.token_) {
    digit = "0123456789abcdef"[number >> 28U];
    number <<= 4U;
  }
  watches_.push_back(watch);
  submit(watch.registration_, Xenstore_message::watch(watch.path_, watch.token()), deadline);
}

bool Xenstore::forget(Xenstore_watch& watch) noexcept {
  if (std::exchange(watch.store_, nullptr) == nullptr) {
    return false;
  }
  watch.unlink();
  watch.registration_.unlink();
  return watch.registration_.is_sent_;
}

void Xenstore_watch::Registration::on_reply(Result<std::string_view> payload) noexcept {
  const Result<> outcome = payload ? xenstore_reply::ok(*payload) : Result<>{payload.error()};
  // An earlier program of this domain has left a watch of this path and token: it is ours now, and will not fire by
  // itself.
  const bool is_there = !outcome && outcome.error().kind() == Error_kind::xenstore &&
                        outcome.error().number() == static_cast<std::int64_t>(abi::Errno::eexist);
  if (!outcome && !is_there) {
    watch_.unlink();
    watch_.store_ = nullptr;
  }
  watch_.on_registered(is_there ? Result<>{} : outcome);
  if (is_there && watch_.store_ != nullptr) {
    watch_.on_change(watch_.path_);
  }
}

void Xenstore::process() noexcept {
  if (failure_ || !ring_) {
    return;
  }
  busy_ = true;
  if (const Result<> outcome = go_on(); !outcome) {
    lose(outcome.error());
  }
  busy_ = false;
  flush();
}

Result<> Xenstore::go_on() noexcept {
  if (ring_->is_reconnecting()) {
    if (state_ == State::connected) {
      return Error::make(Error_kind::protocol, "xenstore: xenstored begins anew");
    }
    return {};
  }
  if (state_ == State::connecting) {
    connect();
  }
  if (state_ != State::connected) {
    return {};
  }
  ENLIGHTEN_TRY(ring_->complaint());
  return receive();
}

void Xenstore::connect() noexcept {
  const bool is_clean = ring_->begin();
  if (!is_clean && connections_ == 0 && ring_->can_reconnect()) {
    ring_->reconnect();
    notice_ = true;
    return;
  }
  state_ = State::connected;
  ++connections_;
}

void Xenstore::lose(const Error& why) noexcept {
  out_size_ = out_done_ = in_done_ = 0;
  if (ring_->is_reconnecting()) {
    begin_anew(why);
  } else if (ring_->can_reconnect()) {
    ring_->reconnect();
    notice_ = true;
    begin_anew(why);
  } else {
    fail(why);
  }
}

// What only asks is asked again, and watches are set again. Of the rest nobody knows whether it was done, and what
// was to happen in a transaction cannot: it is gone.
void Xenstore::begin_anew(const Error& why) noexcept {
  state_ = State::connecting;
  Linked_ring<Xenstore_request> void_ones;
  in_flight_.move_if(void_ones, [](const Xenstore_request& request) { return !request.message_.only_asks(); });
  waiting_.move_if(
      void_ones, [](const Xenstore_request& request) { return request.message_.transaction() != no_transaction; });
  while (Xenstore_request* const again = in_flight_.pop_back()) {
    again->is_sent_ = false;
    waiting_.push_front(*again);
  }
  for (Xenstore_watch* watch = watches_.last(); watch != nullptr; watch = watches_.before(*watch)) {
    Xenstore_watch::Registration& registration = watch->registration_;
    if (!registration.is_linked()) {
      registration.deadline_ = no_deadline;
    }
    registration.unlink();
    registration.is_sent_ = false;
    waiting_.push_front(registration);
  }
  give_up(void_ones, why);
}

void Xenstore::fail(const Error& why) noexcept {
  state_ = State::failed;
  failure_ = why;
  while (Xenstore_watch* const watch = watches_.pop_front()) {
    watch->registration_.unlink();
    watch->store_ = nullptr;
    watch->on_registered(why);
  }
  Linked_ring<Xenstore_request> all;
  for (Linked_ring<Xenstore_request>* const list : {&in_flight_, &waiting_}) {
    list->move_if(all, [](const Xenstore_request&) { return true; });
  }
  give_up(all, why);
}

void Xenstore::give_up(Linked_ring<Xenstore_request>& requests, const Error& why) noexcept {
  while (Xenstore_request* const request = requests.pop_front()) {
    request->on_reply(about(request->message_, why.kind(), why.text()));
  }
}

std::uint64_t Xenstore::expire(std::uint64_t now) noexcept {
  Linked_ring<Xenstore_request> due;
  const bool was_connected = is_connected();
  for (Linked_ring<Xenstore_request>* const list : {&in_flight_, &waiting_}) {
    list->move_if(due, [now](const Xenstore_request& request) { return request.deadline_ <= now; });
  }
  while (Xenstore_request* const request = due.pop_front()) {
    request->on_reply(
        about(request->message_, Error_kind::timed_out,
              was_connected ? "xenstored has not answered in time" : "xenstored has not been there in time"));
  }
  std::uint64_t next = no_deadline;
  for (const Linked_ring<Xenstore_request>* const list : {&in_flight_, &waiting_}) {
    for (const Xenstore_request* one = list->first(); one != nullptr; one = list->after(*one)) {
      next = std::min(next, one->deadline_);
    }
  }
  return next;
}

Result<> Xenstore::receive() noexcept {
  std::array<std::byte, Xenstore_ring<>::size> chunk;
  const std::size_t count = ENLIGHTEN_TRY(ring_->receive(chunk));
  notice_ = notice_ || count != 0;
  return take(std::span{chunk}.first(count));
}

Result<> Xenstore::take(std::span<const std::byte> bytes) noexcept {
  const auto take_part = [&](std::byte* into, std::size_t begin, std::size_t end) {
    const std::size_t count = std::min(bytes.size(), end - in_done_);
    if (count != 0) {
      std::memcpy(into + (in_done_ - begin), bytes.data(), count);
    }
    bytes = bytes.subspan(count);
    in_done_ += count;
    return in_done_ == end;
  };
  while (!bytes.empty()) {
    if (in_done_ < header_size && !take_part(reinterpret_cast<std::byte*>(&in_header_), 0, header_size)) {
      return {};
    }
    if (in_header_.len > abi::xenstore_payload_max) {
      return Error::make(Error_kind::protocol, "xenstore: a message of %u bytes behind its header: 4096 may be",
                         static_cast<unsigned>(in_header_.len));
    }
    if (!take_part(buffers_.in.data(), header_size, header_size + in_header_.len)) {
      return {};
    }
    in_done_ = 0;
    take_message();
  }
  return {};
}

void Xenstore::take_message() noexcept {
  const std::string_view payload{reinterpret_cast<const char*>(buffers_.in.data()), in_header_.len};
  if (in_header_.type == abi::Xs_type::watch_event) {
    take_event(payload);
  } else {
    take_reply(payload);
  }
}

void Xenstore::take_reply(std::string_view payload) noexcept {
  Xenstore_request* request = in_flight_.first();
  while (request != nullptr && request->id_ != in_header_.req_id) {
    request = in_flight_.after(*request);
  }
  if (request == nullptr) {
    // An id that was given out once: half of all the numbers there are lie behind the next one.
    const bool was_asked = in_header_.req_id != 0 && next_id_ - in_header_.req_id - 1 < 0x8000'0000;
    ++(was_asked ? dropped_.late : dropped_.unasked);
    return;
  }
  request->unlink();
  if (in_header_.type == request->message_.type()) {
    request->on_reply(payload);
  } else if (in_header_.type == abi::Xs_type::error) {
    request->on_reply(xenstore_reply::refusal(request->message_, payload));
  } else {
    request->on_reply(about(request->message_, Error_kind::protocol, "the reply is one to something else"));
  }
}

// A change that is announced for a path that was not watched is one all the same: whoever watches looks again.
void Xenstore::take_event(std::string_view payload) noexcept {
  Xenstore_texts::Iterator texts = Xenstore_texts{payload}.begin();
  const std::string_view path = *texts;
  const std::string_view token = *++texts;
  if (payload.size() < path.size() + token.size() + 2) {
    ++dropped_.malformed;
    return;
  }
  for (Xenstore_watch* watch = watches_.first(); watch != nullptr; watch = watches_.after(*watch)) {
    if (watch->token() == token) {
      watch->on_change(is_below(path, watch->path_) ? path : watch->path_);
      return;
    }
  }
}

void Xenstore::flush() noexcept {
  if (busy_ || state_ != State::connected) {
    return;
  }
  if (const Result<> sent = send(); !sent) {
    lose(sent.error());
  }
}

Result<> Xenstore::send() noexcept {
  for (;;) {
    if (out_done_ == out_size_) {
      Xenstore_request* const next = waiting_.pop_front();
      if (next == nullptr) {
        return {};
      }
      load(*next);
    }
    const std::size_t payload_done = std::max(out_done_, header_size) - header_size;
    const std::span<const std::byte> part =
        out_done_ < header_size
            ? std::as_bytes(std::span{&out_header_, 1}).subspan(out_done_)
            : std::span<const std::byte>{buffers_.out}.first(out_size_ - header_size).subspan(payload_done);
    const std::size_t sent = ENLIGHTEN_TRY(ring_->send(part));
    if (sent == 0) {
      return {};
    }
    notice_ = true;
    out_done_ += sent;
  }
}

// Copied as a whole: what has begun to go out goes out to its end, whatever becomes of who asked.
void Xenstore::load(Xenstore_request& request) noexcept {
  const Xenstore_message& message = request.message_;
  // Events have 0.
  next_id_ += next_id_ == 0 ? 1 : 0;
  request.id_ = next_id_++;
  request.is_sent_ = true;
  out_header_ = {.type = message.type(),
                 .req_id = request.id_,
                 .tx_id = message.transaction().value(),
                 .len = static_cast<std::uint32_t>(message.size())};
  message.copy_to(buffers_.out);
  out_size_ = header_size + message.size();
  out_done_ = 0;
  in_flight_.push_back(request);
}

}  // namespace enlighten::guest
