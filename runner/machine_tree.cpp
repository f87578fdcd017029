// SPDX-License-Identifier: MIT
// The device tree Xen boots from: the machine's own, with Xen's command line and the domains to create.
#include <runner/machine_tree.hpp>

#include <string>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

constexpr std::string_view console_node = "/pl011@9000000";

std::string xen_command_line(std::string_view more_arguments) {
  std::string line = fmt::format("console=dtuart dtuart={}", console_node);
  // The memory's contents matter to nobody; scrubbing it takes seconds under emulation.
  line += " bootscrub=0";
  // Every line of a guest's console, whatever its rate.
  line += " guest_loglvl=all";
  // Xen's default, credit2, lets an idle CPU refuse a vCPU that has used up its credit: on a busy host a boot then
  // stalls for seconds through no fault of the guest. The older scheduler does not.
  line += " sched=credit";
  // A panic is the end of the run and not of one boot among many.
  line += " noreboot";
  return more_arguments.empty() ? line : fmt::format("{} {}", line, more_arguments);
}

std::uint32_t high_half(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32U);
}
std::uint32_t low_half(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}

std::string domain_node(std::size_t index) {
  return fmt::format("/chosen/domU{}", index + 1);
}
std::string port_node(const Channel_end& end) {
  return fmt::format("{}/evtchn@{}", domain_node(end.domain), end.port);
}

// Each end names its own port and the node of the other.
void describe_end(Device_tree& tree, const Channel_end& end, std::uint32_t handle_of_other) {
  tree.set_text(port_node(end), "compatible", "xen,evtchn-v1");
  tree.set_cells(port_node(end), "xen,evtchn", {end.port, handle_of_other});
}

}  // namespace

void describe_xen(Device_tree& tree, std::string_view more_arguments) {
  if (!tree.has_node(console_node)) {
    throw Failure{
        "this QEMU's virt machine has no {} in its device tree, so Xen would have no console; "
        "Debian 12's qemu-system-arm is known to work",
        console_node};
  }
  tree.add_node("/chosen");
  tree.set_text("/chosen", "xen,xen-bootargs", xen_command_line(more_arguments));
  tree.set_text("/chosen", "stdout-path", console_node);
  tree.set_cells("/chosen", "#address-cells", {2});
  tree.set_cells("/chosen", "#size-cells", {2});
}

void describe_domain(Device_tree& tree, std::size_t index, const Domain& domain, const Module& image) {
  const std::string node = domain_node(index);
  const std::uint64_t memory_kib = domain.memory_mib * 1024;
  tree.add_node(node);
  tree.set_text(node, "compatible", "xen,domain");
  tree.set_cells(node, "#address-cells", {2});
  tree.set_cells(node, "#size-cells", {2});
  tree.set_cells(node, "memory", {high_half(memory_kib), low_half(memory_kib)});
  tree.set_cells(node, "cpus", {domain.vcpus});
  // The guest is told of the hypervisor, but there is no xenstore, which would need a dom0 to answer.
  tree.set_text(node, "xen,enhanced", "no-xenstore");

  const std::string module = fmt::format("{}/module@{:x}", node, image.address);
  tree.add_node(module);
  tree.set_texts(module, "compatible", {"multiboot,kernel", "multiboot,module"});
  tree.set_cells(
      module, "reg",
      {high_half(image.address), low_half(image.address), high_half(image.bytes), low_half(image.bytes)});
  tree.set_text(module, "bootargs", domain.arguments);
}

void describe_channels(Device_tree& tree, std::span<const Event_channel> channels) {
  for (const Event_channel& channel : channels) {
    tree.add_node(port_node(channel.one));
    tree.add_node(port_node(channel.other));
    const std::uint32_t handle_of_one = tree.give_handle(port_node(channel.one));
    const std::uint32_t handle_of_other = tree.give_handle(port_node(channel.other));
    describe_end(tree, channel.one, handle_of_other);
    describe_end(tree, channel.other, handle_of_one);
  }
}

}  // namespace enlighten::runner
