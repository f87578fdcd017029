// SPDX-License-Identifier: MIT
// A Linux with Xen's toolstack as the first domain, which creates the guests: what it is made of, and its machine.
#include <runner/toolstack/dom0.hpp>

#include <fmt/format.h>

#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/toolstack/cpio.hpp>

namespace enlighten::runner {
namespace {

std::string guest_folder(std::size_t guest) {
  return fmt::format("guests/{}", guest + 1);
}

std::vector<std::uint32_t> cells(std::uint64_t value) {
  return {static_cast<std::uint32_t>(value >> 32U), static_cast<std::uint32_t>(value)};
}

void describe_module(Device_tree& tree, const char* kind, std::uint64_t address, std::uint64_t bytes) {
  const std::string node = fmt::format("/chosen/module@{:x}", address);
  tree.add_node(node);
  tree.set_texts(node, "compatible", {kind, "multiboot,module"});
  const auto at = cells(address);
  const auto size = cells(bytes);
  tree.set_cells(node, "reg", {at[0], at[1], size[0], size[1]});
}

}  // namespace

std::string dom0_image_path(std::size_t guest) {
  return fmt::format("/{}/image", guest_folder(guest));
}

std::string dom0_run_files(const Dom0& dom0, const std::vector<Guest_file>& guests) {
  Cpio archive;
  for (std::size_t index = 0; index < guests.size(); ++index) {
    const std::string folder = guest_folder(index);
    auto image = read_file(guests[index].image);
    if (!image) {
      throw Failure{"{} cannot be read", guests[index].image.string()};
    }
    archive.file(folder + "/image", *std::move(image));
    archive.file(folder + "/config", dom0.configs.at(index));
    archive.file(folder + "/name", guests[index].name + "\n");
  }
  if (dom0.script) {
    archive.file("script", *dom0.script);
  }
  if (dom0.shell) {
    archive.file("shell", "");
  }
  for (const Dom0_file& file : dom0.files) {
    auto contents = read_file(file.file);
    if (!contents) {
      throw Failure{"{} cannot be read", file.file.string()};
    }
    archive.file(fmt::format("{}/{}", dom0_files_folder, file.name), *std::move(contents), file.executable);
  }
  return archive.bytes();
}

std::vector<Module> dom0_modules(const Dom0& dom0, const std::filesystem::path& run_files) {
  const Module kernel{.file = dom0.image.kernel,
                      .address = first_module_address,
                      .bytes = std::filesystem::file_size(dom0.image.kernel)};
  const Module files{.file = dom0.image.files,
                     .address = address_behind(kernel),
                     .bytes = std::filesystem::file_size(dom0.image.files)};
  // Right behind, as one archive.
  const Module more{
      .file = run_files, .address = files.address + files.bytes, .bytes = std::filesystem::file_size(run_files)};
  return {kernel, files, more};
}

std::uint64_t dom0_machine_memory_mib(const Dom0& dom0, std::vector<Domain> guests) {
  guests.push_back({.name = {}, .memory_mib = dom0.memory_mib, .arguments = {}});
  const std::uint64_t modules = std::filesystem::file_size(dom0.image.kernel) + dom0.memory_mib / 2 * (1U << 20U);
  return machine_memory_mib(guests, first_module_address + modules);
}

std::string dom0_xen_arguments(const Dom0& dom0) {
  // Extended regions would be offered to dom0, too, which maps guests' pages in memory it has given back instead.
  return fmt::format("dom0_mem={}M dom0_max_vcpus=1 ext_regions=0", dom0.memory_mib);
}

void describe_dom0(Device_tree& tree, const std::vector<Module>& modules) {
  const Module& kernel = modules.at(0);
  const Module& files = modules.at(1);
  tree.set_text("/chosen", "xen,dom0-bootargs", "console=hvc0 quiet");
  describe_module(tree, "multiboot,kernel", kernel.address, kernel.bytes);
  describe_module(tree, "multiboot,ramdisk", files.address,
                  modules.back().address + modules.back().bytes - files.address);
}

std::size_t shell_channel(const Dom0& dom0) noexcept {
  return 1 + dom0.configs.size();
}

void add_dom0_ports(Command& qemu, const Dom0& dom0) {
  qemu.channels = shell_channel(dom0) + (dom0.shell ? 1 : 0);
  qemu.words.insert(qemu.words.end(),
                    {"-device", fmt::format("virtio-serial-device,max_ports={}", qemu.channels + 1)});
  for (std::size_t channel = 0; channel < qemu.channels; ++channel) {
    qemu.words.insert(
        qemu.words.end(),
        {"-chardev",
         fmt::format("socket,id=port{0},fd={1}", channel + 1, first_channel + static_cast<int>(channel)), "-device",
         fmt::format("{1},chardev=port{0},nr={0}", channel + 1,
                     channel == shell_channel(dom0) ? "virtconsole" : "virtserialport")});
  }
}

Dom0_console::Dom0_console(std::size_t guests) : channels_(1 + guests, Console{Beneath::nothing}) {}

std::vector<Console_line> Dom0_console::of_channel(std::size_t channel, std::vector<Console_line> lines) {
  for (Console_line& line : lines) {
    line.writer = channel == 0 ? Writer::toolstack : Writer::guest;
    line.domain = static_cast<unsigned>(channel);
  }
  return lines;
}

std::vector<Console_line> Dom0_console::feed(std::size_t channel, std::string_view bytes) {
  return of_channel(channel, channels_.at(channel).feed(bytes));
}

std::vector<Console_line> Dom0_console::finish() {
  std::vector<Console_line> all;
  for (std::size_t channel = 0; channel < channels_.size(); ++channel) {
    const auto lines = of_channel(channel, channels_[channel].finish());
    all.insert(all.end(), lines.begin(), lines.end());
  }
  return all;
}

}  // namespace enlighten::runner
