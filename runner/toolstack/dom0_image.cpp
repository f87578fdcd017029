// SPDX-License-Identifier: MIT
// The first file system of dom0: Xen's tools, what they need, and our init, built once and kept in the cache.
#include <runner/toolstack/dom0_image.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/process.hpp>
#include <runner/terminal.hpp>
#include <runner/toolstack/cpio.hpp>
#include <runner/toolstack/dom0_init.hpp>

namespace enlighten::runner {
namespace {

// Raised whenever the same packages are to give another archive, so that one from before is not taken for it.
constexpr std::string_view form = "form 4\n";

// In the order in which they must be loaded: the way to Xen, grants, and QEMU's serial ports.
constexpr std::array<std::string_view, 9> modules{
    "drivers/xen/xen-privcmd", "drivers/xen/xenfs/xenfs",    "drivers/xen/xen-evtchn",
    "drivers/xen/xen-gntdev",  "drivers/xen/xen-gntalloc",   "drivers/virtio/virtio_ring",
    "drivers/virtio/virtio",   "drivers/virtio/virtio_mmio", "drivers/char/virtio_console"};

// Below usr/lib/xen-RELEASE/bin, and each a command of that name.
constexpr std::array<std::string_view, 7> xen_programs{"xl",     "xenstored",     "xenconsoled",     "xenconsole",
                                                       "xentop", "xen-init-dom0", "xenstore-control"};
// Names of one program in usr/bin, which does what it is called.
constexpr std::array<std::string_view, 8> xenstore_names{"read", "write", "ls",    "list",
                                                         "rm",   "chmod", "watch", "exists"};

// Loaded when it is needed and not before: a thread is cancelled by the library that unwinds its stack.
constexpr std::string_view library_nobody_names = "libgcc_s.so.1";

// Where a file of a package lies in the image, whose bin, sbin and lib are those below usr, as on any Debian today.
std::string place_of(const std::filesystem::path& file, const std::filesystem::path& package) {
  std::string place = file.lexically_relative(package).generic_string();
  return place.starts_with("usr/") ? place : "usr/" + place;
}

std::string contents_of(const std::filesystem::path& file) {
  auto contents = read_file(file);
  if (!contents) {
    throw Failure{"{} cannot be read, and dom0 needs it; `enlighten clean` makes the next run fetch it anew",
                  file.string()};
  }
  return *std::move(contents);
}

// Collects programs together with every library that they, and those in turn, ask for.
class Tools {
 public:
  Tools(Cpio& archive, const std::vector<Unpacked_package>& packages) : archive_{archive}, packages_{packages} {
    for (const Unpacked_package& package : packages) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator{package.folder}) {
        if (entry.path().filename().string().contains(".so") && !entry.is_directory()) {
          libraries_.try_emplace(entry.path().filename().string(), Found{entry.path(), package.folder});
        }
      }
    }
  }

  // `place` is a path below the root of a package; returns where it lies in the image.
  std::string add(const std::string& place) {
    for (const Unpacked_package& package : packages_) {
      if (const auto file = package.folder / place; std::filesystem::is_regular_file(file)) {
        return add(Found{file, package.folder}, true);
      }
    }
    throw Failure{"none of the {} packages for dom0 has {}; is this release of Xen's tools another than was tried?",
                  packages_.size(), place};
  }

  void add_libraries() {
    add_library(std::string{library_nobody_names});
    // For programs of the user's, under the names by which they are asked for: those are links to the files.
    for (const auto& [name, found] : libraries_) {
      if (name.starts_with("libxen") && std::filesystem::is_symlink(found.file)) {
        add_library(name);
      }
    }
    while (!wanting_.empty()) {
      Command command{
          .words = {"aarch64-linux-gnu-readelf", "--dynamic", "--wide"}, .environment = {}, .directory = {}};
      for (const std::filesystem::path& file : std::exchange(wanting_, {})) {
        command.words.push_back(file.string());
      }
      const Completed completed = run(command);
      if (!completed.status.success()) {
        throw Failure{"aarch64-linux-gnu-readelf cannot read what dom0 is made of: {}", completed.last_words()};
      }
      std::istringstream lines{completed.output};
      for (std::string line; std::getline(lines, line);) {
        const std::size_t start = line.find('[');
        if (line.contains("(NEEDED)") && start != std::string::npos) {
          add_library(line.substr(start + 1, line.find(']') - start - 1));
        }
      }
    }
  }

 private:
  struct Found {
    std::filesystem::path file;
    std::filesystem::path package;
  };

  std::string add(const Found& found, bool executable) {
    const std::string place = place_of(found.file, found.package);
    archive_.file(place, contents_of(found.file), executable);
    wanting_.push_back(found.file);
    return place;
  }

  void add_library(const std::string& name) {
    if (!known_.insert(name).second) {
      return;
    }
    const auto found = libraries_.find(name);
    if (found == libraries_.end()) {
      throw Failure{"dom0 needs the library {}, and none of its {} packages has it", name, packages_.size()};
    }
    add(found->second, true);
  }

  Cpio& archive_;
  const std::vector<Unpacked_package>& packages_;
  std::map<std::string, Found> libraries_;
  std::set<std::string> known_;
  std::vector<std::filesystem::path> wanting_;
};

std::string xen_release_of(const std::vector<Unpacked_package>& tools) {
  constexpr std::string_view start = "xen-utils-";
  for (const Unpacked_package& package : tools) {
    if (package.name.starts_with(start)) {
      return package.name.substr(start.size());
    }
  }
  throw Failure{"the packages for dom0 are without Xen's tools"};
}

void add_modules(Cpio& archive, const Dom0_packages& packages) {
  std::string order;
  for (const std::string_view module : modules) {
    const auto file =
        packages.kernel.folder / "lib/modules" / packages.kernel_release / "kernel" / fmt::format("{}.ko", module);
    const std::string place = fmt::format("usr/lib/modules/{}", file.filename().string());
    archive.file(place, contents_of(file));
    order += fmt::format("/{}\n", place);
  }
  archive.file("usr/lib/modules/order", order);
}

}  // namespace

std::filesystem::path dom0_folder() {
  const auto folder = cache_folder() / "dom0";
  make_folder(folder);
  return folder;
}

std::string build_dom0_files(const Dom0_packages& packages) {
  Cpio archive;
  for (const char* const name : {"bin", "sbin", "lib"}) {
    archive.link(name, fmt::format("usr/{}", name));
  }
  archive.link("usr/sbin", "bin");
  for (const char* const name :
       {"dev", "proc", "sys", "run", "tmp", "etc/xen", "var/lib/xen", "var/log/xen/console"}) {
    archive.folder(name);
  }
  archive.link("var/run", "../run");
  archive.link("var/lock", "../run/lock");
  archive.file("etc/xen/xl.conf", "");
  archive.file("init", std::string{dom0_init}, true);

  Tools tools{archive, packages.tools};
  tools.add("bin/busybox");
  archive.link("usr/bin/sh", "busybox");  // its other names are made by init
  const std::string xen = fmt::format("usr/lib/xen-{}/bin/", xen_release_of(packages.tools));
  for (const std::string_view program : xen_programs) {
    archive.link(fmt::format("usr/bin/{}", program), fmt::format("/{}", tools.add(xen + std::string{program})));
  }
  tools.add("usr/bin/xenstore");
  for (const std::string_view name : xenstore_names) {
    archive.link(fmt::format("usr/bin/xenstore-{}", name), "xenstore");
  }
  tools.add_libraries();
  archive.link("usr/lib/ld-linux-aarch64.so.1", "aarch64-linux-gnu/ld-linux-aarch64.so.1");
  add_modules(archive, packages);
  return archive.bytes();
}

std::string dom0_files_name(const Dom0_packages& packages) {
  // FNV-1a, 64 bits: it tells versions apart and keeps no secret.
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
  const auto mix = [&hash](std::string_view text) {
    for (const char one : text) {
      hash = (hash ^ static_cast<unsigned char>(one)) * 0x100'0000'01b3;
    }
  };
  std::string tools;
  for (const Unpacked_package& package : packages.tools) {
    mix(fmt::format("{} {}\n", package.name, package.version));
    if (package.name.starts_with("xen-utils-")) {
      tools = fmt::format("{}_{}", package.name, package.version);
    }
  }
  mix(packages.kernel.version);
  mix(dom0_init);
  mix(form);
  return fmt::format("linux-{}_{}_{:016x}.cpio", packages.kernel_release, tools, hash);
}

Dom0_image find_dom0_image(const Dom0_packages& packages) {
  const auto files = dom0_folder() / dom0_files_name(packages);
  if (!std::filesystem::exists(files)) {
    Step step{"building dom0's file system"};
    const std::string bytes = build_dom0_files(packages);
    write_whole_file(files, bytes);
    step.done(fmt::format("{} MiB", bytes.size() >> 20U));
  }
  return {.kernel = packages.kernel.folder / "boot" / fmt::format("vmlinuz-{}", packages.kernel_release),
          .files = files};
}

}  // namespace enlighten::runner
