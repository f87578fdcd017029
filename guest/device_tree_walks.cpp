// SPDX-License-Identifier: MIT
// What a device tree has any number of: memory banks, reserved ranges, CPUs, each read as it is asked for.
#include <libfdt.h>

#include <cinttypes>
#include <cstdint>
#include <string_view>

#include <guest/device_tree.hpp>

#include "device_tree_node.hpp"

namespace enlighten::guest {
namespace {

bool is_memory(Node node) noexcept {
  return node.string("device_type") == "memory" && node.in_use();
}

bool is_cpu(Node node) noexcept {
  return node.string("device_type") == "cpu" && node.in_use();
}

bool is_in_use(Node node) noexcept {
  return node.in_use();
}

// The offset of `node` or of the first of its later siblings that is accepted.
int first(Node node, bool (*accept)(Node)) noexcept {
  while (node.exists() && !accept(node)) {
    node = node.sibling();
  }
  return node.offset();
}

}  // namespace

Range_walk Device_tree::memory() const noexcept {
  Reader reader{blob_};
  const Node root{reader, 0};
  return {blob_, Range_walk::Source::memory, first(root.first_child(), is_memory), 0, UINT32_MAX};
}

Range_walk Device_tree::reserved() const noexcept {
  Reader reader{blob_};
  const Node around = find_path(reader, "/reserved-memory");
  return {blob_, Range_walk::Source::reserved, first(around.first_child(), is_in_use), 0, UINT32_MAX};
}

Cpu_walk Device_tree::cpus() const noexcept {
  Reader reader{blob_};
  const Node cpus = find_path(reader, "/cpus");
  return {blob_, cpus.offset(), first(cpus.first_child(), is_cpu)};
}

Result<std::optional<Memory_range>> Range_walk::next() noexcept {
  Reader reader{blob_};
  std::optional<Memory_range> found = Memory_range{};
  if (source_ == Source::reserved && fdt_get_mem_rsv(blob_, reservation_, &found->base, &found->size) == 0 &&
      found->size != 0) {
    ++reservation_;
    if (wraps(*found)) {
      reader.wrong(-1, nullptr, "header reserves 0x%" PRIx64 " bytes at 0x%" PRIx64 ", beyond the last address",
                   found->size, found->base);
    }
    return reader.answer(found);
  }
  found.reset();
  while (node_ >= 0) {
    const Node node{reader, node_};
    found = index_ < end_ ? node.range(index_) : std::nullopt;
    ++index_;
    if (reader.failed()) {
      node_ = -1;
    } else if (!found) {
      index_ = 0;
      node_ = source_ == Source::one_node
                  ? -1
                  : first(node.sibling(), source_ == Source::memory ? is_memory : is_in_use);
    } else if (found->size != 0) {
      break;
    }
  }
  return reader.answer(found);
}

Result<std::optional<Cpu_node>> Cpu_walk::next() noexcept {
  Reader reader{blob_};
  const Node cpus{reader, cpus_};
  const Node node{reader, node_};
  if (!cpus.exists()) {
    reader.wrong(-1, nullptr, "no node /cpus");
  }
  if (!node.exists()) {
    return reader.answer(std::optional<Cpu_node>{});
  }
  Cpu_node cpu{node.affinity(cpus), Enable_method::none};
  // 32-bit trees say it once for all CPUs.
  const std::string_view method = (node.has("enable-method") ? node : cpus).string("enable-method");
  if (!method.empty()) {
    cpu.enable_method = method == "psci" ? Enable_method::psci : Enable_method::other;
  }
  node_ = reader.failed() ? -1 : first(node.sibling(), is_cpu);
  return reader.answer(std::optional{cpu});
}

}  // namespace enlighten::guest
