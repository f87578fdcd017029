// SPDX-License-Identifier: MIT
// Device_tree: which nodes and properties hold what a guest asks.
#include <libfdt.h>

#include <cinttypes>
#include <cstdint>
#include <string_view>

#include <guest/device_tree.hpp>

#include "device_tree_node.hpp"

namespace enlighten::guest {
namespace {

constexpr const char* gic_names =
    "arm,gic-v3\0arm,cortex-a15-gic\0arm,gic-400\0arm,cortex-a7-gic\0arm,cortex-a9-gic\0";
constexpr const char* psci_names = "arm,psci-1.0\0arm,psci-0.2\0arm,psci\0";
constexpr const char* timer_names = "arm,armv8-timer\0arm,armv7-timer\0";
constexpr const char* uart_names = "arm,pl011\0arm,sbsa-uart\0";
constexpr const char* xen_names = "xen,xen\0";

void expect(Reader& reader, Node node, const char* what) noexcept {
  if (!node.exists()) {
    reader.wrong(-1, nullptr, "no %s", what);
  }
}

Match find_gic(Reader& reader) noexcept {
  const Match gic = find(reader, gic_names);
  expect(reader, gic.node, "GIC of version 2 or 3");
  return gic;
}

Node find_hypervisor(Reader& reader) noexcept {
  const Node node = find_path(reader, "/hypervisor");
  return node.which(xen_names) == 0 ? node : Node{reader, -FDT_ERR_NOTFOUND};
}

Interrupt_line interrupt(Reader& reader, Node node, std::uint32_t index) noexcept {
  const Node gic = find_gic(reader).node;
  // A fourth cell names a set of CPUs for a PPI, where they differ ([dt] arm,gic-v3.yaml).
  const std::uint32_t cells = gic.cell("#interrupt-cells", 0);
  if (cells != 3 && cells != 4) {
    reader.wrong(gic.offset(), "#interrupt-cells", "is %" PRIu32 ", expected 3 or 4", cells);
    return node.interrupt(index, 3);
  }
  return node.interrupt(index, cells);
}

std::uint32_t redistributor_regions(Node gic) noexcept {
  return gic.cell("#redistributor-regions", 1);
}

std::uint32_t needed_cell(Reader& reader, Node node, const char* property) noexcept {
  if (!node.has(property)) {
    reader.wrong(node.offset(), property, "is missing");
  }
  return node.cell(property, 0);
}

Chosen read_chosen(Reader& reader) noexcept {
  const Node node = find_path(reader, "/chosen");
  Chosen chosen{node.string("bootargs"), node.string("stdout-path"), std::nullopt};
  if (const std::size_t options = chosen.stdout_path.find(':'); options != std::string_view::npos) {
    chosen.stdout_path.remove_suffix(chosen.stdout_path.size() - options);
  }
  const std::uint64_t start = node.number("linux,initrd-start");
  const std::uint64_t end = node.number("linux,initrd-end");
  if (start == 0 && end != 0) {
    reader.wrong(node.offset(), "linux,initrd-start", "is missing or 0");
  }
  if (end < start) {
    reader.wrong(node.offset(), "linux,initrd-end", "is 0x%" PRIx64 ", expected at least 0x%" PRIx64, end, start);
  }
  if (end != start) {
    chosen.initrd = Memory_range{start, end - start};
  }
  return chosen;
}

// Which one it is of `uart_names`; negative: none of them, and the node may be of another kind.
Match find_uart(Reader& reader) noexcept {
  const std::string_view path = read_chosen(reader).stdout_path;
  if (path.empty()) {
    return find(reader, uart_names);
  }
  const Node node = find_path(reader, path);
  if (!node.exists()) {
    reader.wrong(find_path(reader, "/chosen").offset(), "stdout-path", "is \"%.*s\", expected a node in use",
                 static_cast<int>(path.size()), path.data());
    return {node, -1};
  }
  return {node, node.which(uart_names)};
}

}  // namespace

Result<Device_tree> Device_tree::open(const void* blob, std::size_t room) noexcept {
  Reader reader{blob};
  // Versions before 16 lay nodes out in another way; nobody has written them since 2005.
  constexpr std::uint32_t oldest_version = 16;
  if (blob == nullptr || reinterpret_cast<std::uintptr_t>(blob) % 8 != 0) {
    reader.wrong(-1, nullptr, "passed at %p, expected an address that is a multiple of 8", blob);
  } else if (room < sizeof(fdt_header)) {
    reader.wrong(-1, nullptr, "room for %zu bytes, expected at least a header's %zu", room, sizeof(fdt_header));
  } else if (fdt_magic(blob) != FDT_MAGIC) {
    reader.wrong(-1, nullptr, "begins with 0x%08" PRIx32 ", expected 0xd00dfeed", fdt_magic(blob));
  } else if (fdt_totalsize(blob) > room) {
    reader.wrong(-1, nullptr, "has %" PRIu32 " bytes, expected at most %zu", fdt_totalsize(blob), room);
  } else if (fdt_version(blob) < oldest_version) {
    reader.wrong(-1, nullptr, "has version %" PRIu32 ", expected 16 or later", fdt_version(blob));
  } else {
    int error = fdt_check_full(blob, room);
    if (error == 0) {
      // A tree of nothing passes; from here on there is a root.
      fdt_get_name(blob, 0, &error);
    }
    if (error < 0) {
      reader.wrong(-1, nullptr, "nodes and properties do not fit together (libfdt's error %d)", -error);
    }
  }
  return reader.answer(Device_tree{blob});
}

std::span<const std::byte> Device_tree::bytes() const noexcept {
  return {static_cast<const std::byte*>(blob_), fdt_totalsize(blob_)};
}

Result<std::optional<Psci_description>> Device_tree::psci() const noexcept {
  Reader reader{blob_};
  const auto [node, which] = find(reader, psci_names);
  if (!node.exists()) {
    return std::nullopt;
  }
  const std::string_view method = node.string("method");
  if (method != "hvc" && method != "smc") {
    reader.wrong(node.offset(), "method", "is \"%.*s\", expected \"hvc\" or \"smc\"",
                 static_cast<int>(method.size()), method.data());
  }
  Psci_description psci{method == "smc" ? Psci_conduit::smc : Psci_conduit::hvc,
                        which == 0   ? Psci_version::v1_0
                        : which == 1 ? Psci_version::v0_2
                                     : Psci_version::v0_1,
                        std::nullopt};
  if (psci.version == Psci_version::v0_1) {
    psci.functions = {needed_cell(reader, node, "cpu_off"), needed_cell(reader, node, "cpu_on")};
  }
  return reader.answer(std::optional{psci});
}

Result<Gic_description> Device_tree::gic() const noexcept {
  Reader reader{blob_};
  const auto [node, which] = find_gic(reader);
  Gic_description gic{Gic_version::v3, node.range(0, "the distributor"), {}};
  if (which != 0) {
    gic.version = Gic_version::v2;
    gic.cpu_interface = node.range(1, "the CPU interface");
    return reader.answer(gic);
  }
  gic.redistributor_regions = redistributor_regions(node);
  if (gic.redistributor_regions == 0) {
    reader.wrong(node.offset(), "#redistributor-regions", "is 0, expected at least 1");
  }
  static_cast<void>(node.range(gic.redistributor_regions, "a redistributor region"));
  gic.redistributor_stride = node.number("redistributor-stride");
  return reader.answer(gic);
}

Result<Timer_description> Device_tree::timer() const noexcept {
  Reader reader{blob_};
  const Node node = find(reader, timer_names).node;
  expect(reader, node, "Arm generic timer");
  // Secure, non-secure, virtual, hypervisor, unless names say otherwise ([dt] arm,arch_timer.yaml).
  int index = fdt_stringlist_search(blob_, node.offset(), "interrupt-names", "virt");
  if (index < 0) {
    index = 2;
  }
  Timer_description timer{interrupt(reader, node, static_cast<std::uint32_t>(index)), std::nullopt};
  if (const std::uint32_t frequency = node.cell("clock-frequency", 0); frequency != 0) {
    timer.frequency = frequency;
  }
  return reader.answer(timer);
}

Result<std::optional<Hypervisor_description>> Device_tree::hypervisor() const noexcept {
  Reader reader{blob_};
  const Node node = find_hypervisor(reader);
  if (!node.exists()) {
    return std::nullopt;
  }
  constexpr std::string_view prefix{"xen,xen-"};
  std::string_view version = node.string("compatible");
  if (version.starts_with(prefix)) {
    version.remove_prefix(prefix.size());
  } else {
    reader.wrong(node.offset(), "compatible", "begins with \"%.*s\", expected \"xen,xen-\" and a version",
                 static_cast<int>(version.size()), version.data());
  }
  std::uint32_t extended = 0;
  while (node.range(extended + 1)) {
    ++extended;
  }
  return reader.answer(std::optional{
      Hypervisor_description{version, node.range(0, "the grant region"), extended, interrupt(reader, node, 0)}});
}

Result<Chosen> Device_tree::chosen() const noexcept {
  Reader reader{blob_};
  return reader.answer(read_chosen(reader));
}

Result<std::optional<Uart_description>> Device_tree::uart() const noexcept {
  Reader reader{blob_};
  const Match uart = find_uart(reader);
  if (uart.which < 0) {
    return reader.answer(std::optional<Uart_description>{});
  }
  return reader.answer(std::optional{
      Uart_description{uart.which == 0 ? Uart_kind::pl011 : Uart_kind::sbsa, uart.node.range(0, "the registers")}});
}

Result<std::optional<Interrupt_line>> Device_tree::uart_interrupt() const noexcept {
  Reader reader{blob_};
  const Match uart = find_uart(reader);
  if (uart.which < 0 || !uart.node.has("interrupts")) {
    return reader.answer(std::optional<Interrupt_line>{});
  }
  return reader.answer(std::optional{interrupt(reader, uart.node, 0)});
}

Range_walk Device_tree::redistributors() const noexcept {
  Reader reader{blob_};
  const auto [node, which] = find_gic(reader);
  const bool some = which == 0;
  return {blob_, Range_walk::Source::one_node, some ? node.offset() : -1, 1,
          some ? 1 + redistributor_regions(node) : 0};
}

Range_walk Device_tree::extended_regions() const noexcept {
  Reader reader{blob_};
  return {blob_, Range_walk::Source::one_node, find_hypervisor(reader).offset(), 1, UINT32_MAX};
}

}  // namespace enlighten::guest
