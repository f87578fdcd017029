// SPDX-License-Identifier: MIT
// Writes a domain's device tree node by node, as Xen's domain builder does.
#include <model/domain_tree.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

#include <libfdt.h>

#include <model/affinity.hpp>

namespace enlighten::model {
namespace {

// Of a tree without CPUs and words for the guest, and of a CPU.
constexpr std::uint64_t least_room = std::uint64_t{4} << 10U;
constexpr std::uint64_t cpu_room = 256;
constexpr std::uint64_t largest_tree = std::uint64_t{2} << 20U;
constexpr std::uint32_t gic_handle = 0xfde8;  // [xen] GUEST_PHANDLE_GIC
// Of a level, active low, to the CPUs of a mask that is all of version 2's ([dt] arm,gic.yaml).
constexpr std::uint32_t level_low = 0xf08;
constexpr std::uint32_t first_private = 16;

// A tree being written; too little room is our own mistake.
class Writer {
 public:
  explicit Writer(std::uint64_t room) : bytes_(room) {
    check(fdt_create(bytes_.data(), static_cast<int>(bytes_.size())));
    check(fdt_finish_reservemap(bytes_.data()));
  }

  void begin(const std::string& node) { check(fdt_begin_node(bytes_.data(), node.c_str())); }
  void end() { check(fdt_end_node(bytes_.data())); }
  void flag(const char* name) { check(fdt_property(bytes_.data(), name, nullptr, 0)); }
  void cell(const char* name, std::uint32_t value) { check(fdt_property_u32(bytes_.data(), name, value)); }
  void cells(const char* name, std::initializer_list<std::uint32_t> values) {
    std::vector<fdt32_t> raw;
    for (const std::uint32_t value : values) {
      raw.push_back(cpu_to_fdt32(value));
    }
    check(fdt_property(bytes_.data(), name, raw.data(), static_cast<int>(raw.size() * sizeof(fdt32_t))));
  }
  // Address and size, two cells each.
  struct Range {
    std::uint64_t base;
    std::uint64_t size;
  };
  void ranges(const char* name, std::initializer_list<Range> list) {
    std::vector<fdt64_t> raw;
    for (const Range& range : list) {
      raw.push_back(cpu_to_fdt64(range.base));
      raw.push_back(cpu_to_fdt64(range.size));
    }
    check(fdt_property(bytes_.data(), name, raw.data(), static_cast<int>(raw.size() * sizeof(fdt64_t))));
  }
  void texts(const char* name, std::initializer_list<std::string_view> list) {
    std::string raw;
    for (const std::string_view text : list) {
      raw += text;
      raw += '\0';
    }
    check(fdt_property(bytes_.data(), name, raw.data(), static_cast<int>(raw.size())));
  }

  [[nodiscard]] const std::vector<std::byte>& finish() {
    check(fdt_finish(bytes_.data()));
    bytes_.resize(fdt_totalsize(bytes_.data()));
    return bytes_;
  }

 private:
  static void check(int result) {
    if (result != 0) {
      std::fprintf(stderr, "enlighten: the model cannot write a device tree: %s\n", fdt_strerror(result));
      std::abort();
    }
  }

  std::vector<std::byte> bytes_;
};

std::string named(const char* name, std::uint64_t unit) {
  char text[48];
  std::snprintf(text, sizeof text, "%s@%llx", name, static_cast<unsigned long long>(unit));
  return text;
}

void describe_cpus(Writer& tree, std::uint32_t vcpus) {
  tree.begin("cpus");
  tree.cell("#address-cells", 1);
  tree.cell("#size-cells", 0);
  for (std::uint32_t id = 0; id < vcpus; ++id) {
    const auto affinity = static_cast<std::uint32_t>(affinity_of(Vcpu_id{id}).value());
    tree.begin(named("cpu", affinity));
    tree.texts("device_type", {"cpu"});
    tree.texts("compatible", {"arm,armv8"});
    tree.cell("reg", affinity);
    tree.texts("enable-method", {"psci"});
    tree.end();
  }
  tree.end();
}

void describe_gic(Writer& tree, const Gic& gic, std::uint32_t vcpus) {
  const std::uint64_t size = Gic::distributor_size(gic.version());
  tree.begin(named("interrupt-controller", Gic::distributor_base));
  tree.cell("#address-cells", 0);
  tree.cell("#interrupt-cells", 3);
  tree.flag("interrupt-controller");
  if (gic.version() == Gic_version::v3) {
    tree.texts("compatible", {"arm,gic-v3"});
    tree.ranges("reg",
                {{Gic::distributor_base, size}, {Gic::redistributors_base, vcpus * Gic::redistributor_size}});
  } else {
    tree.texts("compatible", {"arm,gic-400", "arm,cortex-a15-gic"});
    tree.ranges("reg", {{Gic::distributor_base, size}, {Gic::interface_base, Gic::interface_size}});
  }
  tree.cell("phandle", gic_handle);
  tree.end();
}

void describe_firmware_and_timer(Writer& tree) {
  tree.begin("psci");
  tree.texts("compatible", {"arm,psci-1.0", "arm,psci-0.2", "arm,psci"});
  tree.texts("method", {"hvc"});
  tree.cell("cpu_off", 1);
  tree.cell("cpu_on", 2);
  tree.end();
  tree.begin("timer");
  tree.texts("compatible", {"arm,armv8-timer"});
  constexpr std::uint32_t secure = 29 - first_private;
  constexpr std::uint32_t physical = 30 - first_private;
  constexpr std::uint32_t virtual_timer = Gic::timer.value() - first_private;
  tree.cells("interrupts", {1, secure, level_low, 1, physical, level_low, 1, virtual_timer, level_low});
  tree.end();
}

// Other than Xen's, the region for grants lies in the part of the space that the model has, at its end.
void describe_xen(Writer& tree, const Domain& domain, Extended_regions regions) {
  constexpr std::uint64_t grants = std::uint64_t{16} << 20U;
  const std::uint64_t behind_ram = domain.ram_base() + domain.ram_size();
  const std::uint64_t space_end = domain.ram_base() + Physical_map::size;
  const std::uint32_t version = version_number(domain.release());
  char text[32];
  std::snprintf(text, sizeof text, "xen,xen-%u.%u", version >> 16U, version & 0xffffU);
  tree.begin("hypervisor");
  tree.texts("compatible", {text, "xen,xen"});
  const Writer::Range grant_region{space_end - grants, grants};
  if (regions == Extended_regions::none) {
    tree.ranges("reg", {grant_region});
  } else {
    tree.ranges("reg", {grant_region, {behind_ram, space_end - grants - behind_ram}});
  }
  tree.cells("interrupts", {1, Gic::upcall.value() - first_private, level_low});
  tree.cell("interrupt-parent", gic_handle);
  tree.end();
}

}  // namespace

std::uint64_t place_tree(Domain& domain, std::string_view boot_arguments, Extended_regions regions) {
  Writer tree{least_room + domain.vcpus() * cpu_room + boot_arguments.size()};
  tree.begin("");
  tree.cell("#address-cells", 2);
  tree.cell("#size-cells", 2);
  tree.cell("interrupt-parent", gic_handle);
  describe_cpus(tree, domain.vcpus());
  describe_firmware_and_timer(tree);
  describe_gic(tree, *domain.gic(), domain.vcpus());
  tree.begin(named("memory", domain.ram_base()));
  tree.texts("device_type", {"memory"});
  tree.ranges("reg", {{domain.ram_base(), domain.ram_size()}});
  tree.end();
  describe_xen(tree, domain, regions);
  tree.begin("chosen");
  tree.texts("bootargs", {boot_arguments});
  tree.end();
  tree.end();
  const std::vector<std::byte>& bytes = tree.finish();
  const std::uint64_t address = domain.ram_base() + domain.ram_size() - largest_tree;
  std::memcpy(reinterpret_cast<void*>(address), bytes.data(), bytes.size());
  return address;
}

}  // namespace enlighten::model
