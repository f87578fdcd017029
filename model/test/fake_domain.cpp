// SPDX-License-Identifier: MIT
// A domain of plain pages for tests of the event channels.
#include "fake_domain.hpp"

#include <cstdlib>
#include <cstring>

namespace enlighten::model {
namespace {

// No object of a test is that low: where a guest's bad pointers point.
constexpr std::uint64_t lowest_good_address = 0x10000;
constexpr abi::Gfn words_frame{100};

}  // namespace

void Fake_turns::step(const void* where) {
  if (on_step && !inside_) {
    inside_ = true;
    on_step(where);
    inside_ = false;
  }
}

void Fake_turns::wait(const std::function<bool()>& condition) {
  if (!condition()) {
    std::abort();
  }
}

Fake_domain::Fake_domain(Fake_machine& machine, Fake_settings settings)
    : channels{*this, settings.limits}, machine_{machine}, settings_{settings} {
  machine_.domains[settings_.id] = this;
}

Fake_domain::~Fake_domain() {
  machine_.domains.erase(settings_.id);
}

void Fake_domain::register_vcpu_info(Vcpu_id vcpu) {
  registered_[vcpu] = std::make_unique<abi::Vcpu_info>();
}

Port Fake_domain::bind_ipi(Vcpu_id vcpu) {
  abi::Evtchn_bind_ipi bind{.vcpu = vcpu};
  return call(abi::Event_channel_op::bind_ipi, bind) == 0 ? bind.port : Port{0};
}

std::int64_t Fake_domain::send(Port port) {
  return call(abi::Event_channel_op::send, abi::Evtchn_send{port});
}

abi::Evtchn_status Fake_domain::status(Port port) {
  abi::Evtchn_status status{.dom = settings_.id, .port = port};
  if (call(abi::Event_channel_op::status, status) != 0) {
    std::abort();
  }
  return status;
}

std::int64_t Fake_domain::init_control(Vcpu_id vcpu, abi::Gfn frame, std::uint32_t offset) {
  return call(abi::Event_channel_op::init_control,
              abi::Evtchn_init_control{.control_gfn = frame, .offset = offset, .vcpu = vcpu});
}

std::int64_t Fake_domain::expand_array(abi::Gfn frame) {
  return call(abi::Event_channel_op::expand_array, abi::Evtchn_expand_array{frame});
}

void Fake_domain::switch_to_fifo() {
  bool good = true;
  for (std::uint32_t vcpu = 0; vcpu < settings_.vcpus; ++vcpu) {
    good = good && init_control(Vcpu_id{vcpu}, abi::Gfn{1 + vcpu}) == 0;
  }
  if (!good || expand_array(words_frame) != 0) {
    std::abort();
  }
}

abi::Evtchn_fifo_control_block& Fake_domain::block(Vcpu_id vcpu) {
  return *reinterpret_cast<abi::Evtchn_fifo_control_block*>(ram(abi::Gfn{1 + vcpu.value()}));
}

abi::Event_word& Fake_domain::word(Port port) {
  return reinterpret_cast<abi::Event_word*>(ram(words_frame))[port.value()];
}

abi::Vcpu_info& Fake_domain::vcpu_info(Vcpu_id vcpu) {
  if (const auto found = registered_.find(vcpu); found != registered_.end()) {
    return *found->second;
  }
  return vcpu == Vcpu_id{0} ? legacy_slot() : dummy_;
}

// Machine frames are guest frames here.
std::optional<Mfn> Fake_domain::machine_frame(abi::Gfn frame) {
  return ram(frame) != nullptr ? std::optional{Mfn{frame.value()}} : std::nullopt;
}

std::byte* Fake_domain::bytes(Mfn frame) {
  return ram(abi::Gfn{frame.value()});
}

std::byte* Fake_domain::ram(abi::Gfn frame) {
  if (frame == abi::Gfn{0} || frame > abi::Gfn{frames}) {
    return nullptr;
  }
  std::unique_ptr<Page>& page = pages_[frame];
  if (page == nullptr) {
    page = std::make_unique<Page>();
  }
  return page->bytes.data();
}

void Fake_domain::unpin(abi::Gfn frame) {
  if (--pins.at(frame) == 0) {
    pins.erase(frame);
  }
}

bool Fake_domain::copy_from_guest(void* to, std::uint64_t guest_address, std::size_t size) {
  if (guest_address < lowest_good_address) {
    return false;
  }
  std::memcpy(to, reinterpret_cast<const void*>(guest_address), size);
  return true;
}

bool Fake_domain::copy_to_guest(std::uint64_t guest_address, const void* from, std::size_t size) {
  if (guest_address < lowest_good_address) {
    return false;
  }
  std::memcpy(reinterpret_cast<void*>(guest_address), from, size);
  return true;
}

void Fake_domain::wake_pollers(Port port) {
  if (channels.is_pending(port)) {
    polled.push_back(port);
  }
}

Event_channels* Fake_domain::event_channels(Domain_id domain) {
  const auto found = machine_.domains.find(domain);
  return found != machine_.domains.end() ? &found->second->channels : nullptr;
}

}  // namespace enlighten::model
