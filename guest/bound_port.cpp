// SPDX-License-Identifier: MIT
// What the owner of a port may do with it.
#include <guest/bound_port.hpp>

#include <guest/event_channels.hpp>

namespace enlighten::guest {

Bound_port& Bound_port::operator=(Bound_port&& other) noexcept {
  if (this != &other) {
    // An error here means that Xen does not know the port any more: there is nothing left to give back.
    static_cast<void>(close());
    channels_ = std::exchange(other.channels_, nullptr);
    port_ = std::exchange(other.port_, Port{0});
  }
  return *this;
}

Bound_port::~Bound_port() {
  static_cast<void>(close());
}

bool Bound_port::is_usable() const noexcept {
  return channels_ != nullptr && channels_->is_open();
}

Result<Event_channels*> Bound_port::channels(const char* action) const noexcept {
  if (channels_ == nullptr) {
    return Error::make(Error_kind::argument, "event channels: cannot %s a port that is not bound", action);
  }
  if (!channels_->is_open()) {
    return Error::make(Error_kind::argument, "event channels: cannot %s port %u after the reset of all", action,
                       static_cast<unsigned>(port_.value()));
  }
  return channels_;
}

Result<> Bound_port::send() const noexcept {
  return ENLIGHTEN_TRY(channels("send to"))->send(port_);
}

void Bound_port::mask() const noexcept {
  if (is_usable()) {
    channels_->mask(port_);
  }
}

Result<> Bound_port::unmask() const noexcept {
  return ENLIGHTEN_TRY(channels("unmask"))->unmask(port_);
}

bool Bound_port::is_pending() const noexcept {
  if (!is_usable()) {
    return false;
  }
  return channels_->fifo_ ? channels_->fifo_->is_pending(port_) : channels_->two_level_->is_pending(port_);
}

void Bound_port::clear_pending() const noexcept {
  if (!is_usable()) {
    return;
  }
  if (channels_->fifo_) {
    channels_->fifo_->clear_pending(port_);
  } else {
    channels_->two_level_->clear_pending(port_);
  }
}

Result<> Bound_port::move_to(Ready_vcpu vcpu) const noexcept {
  return ENLIGHTEN_TRY(channels("move"))->move(port_, vcpu);
}

Result<> Bound_port::set_priority(std::uint32_t priority) const noexcept {
  return ENLIGHTEN_TRY(channels("set the priority of"))->set_priority(port_, priority);
}

Result<abi::Evtchn_status> Bound_port::status() const noexcept {
  return ENLIGHTEN_TRY(channels("ask about"))->status(port_);
}

Result<> Bound_port::close() noexcept {
  if (channels_ == nullptr) {
    return {};
  }
  Event_channels& channels = *std::exchange(channels_, nullptr);
  const Port port = std::exchange(port_, Port{0});
  // A reset has closed it.
  return channels.is_open() ? channels.close(port) : Result<>{};
}

}  // namespace enlighten::guest
