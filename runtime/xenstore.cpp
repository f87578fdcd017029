// SPDX-License-Identifier: MIT
// The domain's one connection to xenstored: its events, its deadlines, and who waits for what.
#include <runtime/xenstore.hpp>

#include <new>

#include <abi/errno.hpp>
#include <runtime/log.hpp>
#include <runtime/memory.hpp>

namespace enlighten::runtime {
namespace {

constinit Store* the_store = nullptr;
constinit guest::Spin_lock opening;

[[nodiscard]] std::uint64_t ticks(Instant instant) noexcept {
  return instant == Instant::max() ? guest::Xenstore::no_deadline
                                   : static_cast<std::uint64_t>(instant.time_since_epoch().count());
}

[[nodiscard]] Instant instant(std::uint64_t ticks) noexcept {
  return ticks == guest::Xenstore::no_deadline ? Instant::max()
                                               : Instant{Duration{static_cast<Duration::rep>(ticks)}};
}

}  // namespace

template <typename What>
auto Store::locked(What what) noexcept {
  struct Telling {
    ~Telling() {
      const bool is_news = store.client_.take_notice();
      store.lock_.unlock();
      // An error means that the port is gone: nothing comes any more, and what waits has its deadlines.
      if (is_news) {
        static_cast<void>(store.port_.send());
      }
    }
    Store& store;
  };
  lock_.lock();
  const Telling telling{*this};
  return what();
}

Result<Store*> Store::open(Guest& guest) noexcept {
  const guest::Spin_guard guard{opening};
  if (the_store == nullptr) {
    the_store = ENLIGHTEN_TRY(make(guest));
  }
  return the_store;
}

Store::Store(Guest& guest, std::span<std::byte, 2 * abi::page_size> pages,
             std::span<Timekeeper> timekeepers) noexcept
    : Store_access{*this, {}},
      guest_{guest},
      client_{{.out = pages.first<abi::page_size>(), .in = pages.last<abi::page_size>()}},
      timekeepers_{timekeepers} {}

Result<Store*> Store::make(Guest& guest) noexcept {
  const guest::Xenstore_place place = guest::Xenstore_place::find(guest.xen());
  if (place.is_none()) {
    return Error::make(guest.xen_domain() ? Error_kind::unsupported : Error_kind::not_on_xen,
                       "xenstore: whoever made this domain has given it none");
  }
  const std::optional<std::uint64_t> pages = memory().allocate_pages(2);
  auto* const timekeepers = new (std::nothrow) Timekeeper[guest.cpus()];
  if (!pages || timekeepers == nullptr) {
    return Error::make(Error_kind::out_of_memory, "xenstore: no memory for messages");
  }
  const std::span<std::byte, 2 * abi::page_size> buffers{reinterpret_cast<std::byte*>(*pages), 2 * abi::page_size};
  auto* const store = new (std::nothrow) Store{guest, buffers, std::span{timekeepers, guest.cpus()}};
  if (store == nullptr) {
    return Error::make(Error_kind::out_of_memory, "xenstore: no memory for its connection");
  }
  // Where this fails nothing is given back: who goes on without xenstore does not try again and again.
  ENLIGHTEN_TRY(store->connect(place));
  return store;
}

Result<> Store::connect(const guest::Xenstore_place& place) noexcept {
  const guest::Ready_vcpu self = ENLIGHTEN_TRY(guest_.ready(this_vcpu().cpu));
  if (!place.is_late()) {
    ENLIGHTEN_TRY(memory().map_frame(abi::address_of(place.frame), arch::Memory_kind::data));
    client_.attach(*reinterpret_cast<abi::Xenstore_ring*>(abi::address_of(place.frame)));
  }
  port_ = ENLIGHTEN_TRY(guest_.events().attach(place.port, self, this));
  locked([this] { client_.process(); });
  return {};
}

void Store::on_event(Port) noexcept {
  if (!client_.is_attached()) {
    const guest::Xenstore_place place = guest::Xenstore_place::find(guest_.xen());
    if (place.is_none() || place.is_late()) {
      return;
    }
    if (const Result<> mapped = memory().map_frame(abi::address_of(place.frame), arch::Memory_kind::data);
        !mapped) {
      log(mapped.error());
      return;
    }
    const guest::Spin_guard guard{lock_};
    client_.attach(*reinterpret_cast<abi::Xenstore_ring*>(abi::address_of(place.frame)));
  }
  locked([this] { client_.process(); });
}

void Store::submit(Store_request& request, const guest::Xenstore_message& message, const Store_transaction& in,
                   Instant deadline) noexcept {
  locked([&] {
    if (in.id != guest::no_transaction && in.connection != client_.connections()) {
      request.on_reply(Error::numbered(Error_kind::xenstore, static_cast<std::int64_t>(abi::Errno::eagain),
                                       "xenstore: xenstored has begun anew in the middle of a transaction"));
      return;
    }
    client_.submit(request, message, ticks(deadline));
  });
}

std::uint32_t Store::connections() noexcept {
  return locked([this] { return client_.connections(); });
}

guest::Xenstore::Dropped Store::dropped() noexcept {
  return locked([this] { return client_.dropped(); });
}

// By each vCPU for itself. One coroutine sleeps until the nearest deadline; who comes with a nearer one has another
// take over, and the first then finds that its serial number is an old one.
void Store::look_at_time(Instant deadline) noexcept {
  Vcpu& self = this_vcpu();
  Timekeeper& keeper = timekeepers_[self.cpu.value()];
  if (deadline < keeper.wakes) {
    keeper.wakes = deadline;
    self.executor().spawn(keep_time(keeper, ++keeper.serial, deadline));
  }
}

Task<> Store::keep_time(Timekeeper& keeper, std::uint32_t serial, Instant first) {
  for (Instant next = first; next != Instant::max();) {
    co_await this_vcpu().executor().sleep_until(next);
    if (keeper.serial != serial) {
      co_return;
    }
    next = instant(locked([this] { return client_.expire(ticks(Clock::now())); }));
    keeper.wakes = next;
  }
}

// A request.

void Store_request::await_suspend(std::coroutine_handle<> waiter) noexcept {
  asker_ = &this_vcpu();
  resume_.waiter = waiter;
  // Its own copy: once it is submitted, the reply may have another vCPU take all of this away.
  Store& store = store_;
  const Instant deadline = Clock::now() + patience_;
  const Result<guest::Xenstore_message> message = prepare_(question_);
  if (message) {
    store.submit(*this, *message, question_.in, deadline);
  } else {
    on_reply(message.error());
  }
  store.look_at_time(deadline);
}

void Store_request::on_reply(Result<std::string_view> payload) noexcept {
  if (payload) {
    // Within a function of the client's, and so under the lock.
    connection_ = store_.client_.connections();
    reply_ = std::string{*payload};
  } else {
    reply_ = payload.error();
  }
  asker_->post(resume_);
}

// A watch.

class Watch::State final : public guest::Xenstore_watch {
 public:
  State(Store& owner, const Xenstore_path& watched) noexcept : store{owner}, path{watched} {}

  // All under the store's lock.
  void on_registered(const Result<>& outcome) noexcept override {
    is_registered = true;
    if (!outcome) {
      failure = outcome.error();
    }
    // Whoever waits for the registration, or for a change that will not come.
    if (is_opening || !outcome) {
      wake();
    }
  }
  void on_change(std::string_view) noexcept override {
    has_changed = true;
    if (!is_opening) {
      wake();
    }
  }

  // True: `waiter` is resumed on this vCPU once there is something; false: there is.
  [[nodiscard]] bool wait(std::coroutine_handle<> waiter) noexcept {
    if (failure || (is_opening ? is_registered : has_changed)) {
      return false;
    }
    asker_ = &this_vcpu();
    resume_.waiter = waiter;
    return true;
  }

  Store& store;
  Xenstore_path path;
  bool is_opening = true;
  bool is_registered = false;
  bool has_changed = false;
  std::optional<Error> failure;

 private:
  void wake() noexcept {
    if (Vcpu* const waiting = std::exchange(asker_, nullptr)) {
      waiting->post(resume_);
    }
  }

  Vcpu* asker_ = nullptr;
  Resume resume_;
};

Watch::Watch(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}

Watch::Watch(Watch&& other) noexcept = default;

Watch& Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    end();
    state_ = std::move(other.state_);
  }
  return *this;
}

Watch::~Watch() {
  end();
}

namespace {

// Tells xenstored that nobody watches any more; nobody waits for it to be done.
class Farewell final : public guest::Xenstore_request {
 public:
  Farewell(const Xenstore_path& path, std::string_view token) noexcept : path_{path}, token_{token} {}
  [[nodiscard]] guest::Xenstore_message message() const noexcept {
    return guest::Xenstore_message::unwatch(path_.view(), token_.view());
  }

 private:
  void on_reply(Result<std::string_view>) noexcept override { delete this; }

  Xenstore_path path_;
  Text<8> token_;
};

}  // namespace

void Watch::end() noexcept {
  if (!state_) {
    return;
  }
  Store& store = state_->store;
  const Instant deadline = Clock::now() + Store_request::patience;
  store.locked([&] {
    if (store.client_.forget(*state_)) {
      // Without memory xenstored goes on telling of it, and nobody listens.
      if (auto* const farewell = new (std::nothrow) Farewell{state_->path, state_->token()}) {
        store.client_.submit(*farewell, farewell->message(), ticks(deadline));
      }
    }
  });
  store.look_at_time(deadline);
  state_.reset();
}

Task<Result<Watch>> Store::watch(Xenstore_path path) {
  if (const Result<> checked = path.check(); !checked) {
    co_return checked.error();
  }
  Watch watch{std::make_unique<Watch::State>(*this, path)};
  const Instant deadline = Clock::now() + Store_request::patience;
  locked([&] { client_.watch(*watch.state_, watch.state_->path.view(), ticks(deadline)); });
  look_at_time(deadline);
  if (const Result<> registered = co_await watch.change(); !registered) {
    co_return registered.error();
  }
  co_return Result<Watch>{std::move(watch)};
}

void Watch::poke() noexcept {
  state_->store.locked([&] { state_->on_change({}); });
}

Watch::Change Watch::change() noexcept {
  return Change{*state_};
}

bool Watch::Change::await_suspend(std::coroutine_handle<> waiter) noexcept {
  return state_.store.locked([&] { return state_.wait(waiter); });
}

Result<> Watch::Change::await_resume() noexcept {
  return state_.store.locked([&] {
    const Result<> outcome = state_.failure ? Result<>{*state_.failure} : Result<>{};
    if (state_.is_opening) {
      state_.is_opening = false;
    } else {
      state_.has_changed = false;
    }
    return outcome;
  });
}

}  // namespace enlighten::runtime
