// SPDX-License-Identifier: MIT
// Debian packages of a foreign architecture, from the package sources this machine has.
#include <runner/apt_root.hpp>

#include <fstream>
#include <sstream>

#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/terminal.hpp>

namespace enlighten::runner {
namespace {

constexpr std::uintmax_t mib = std::uintmax_t{1} << 20U;
constexpr std::uintmax_t room_for_lists = 400 * mib;

void check_room(const std::filesystem::path& folder) {
  const auto space = std::filesystem::space(folder);
  if (space.available < room_for_lists) {
    throw Failure{
        "the disk of {} has {} MiB left, and Debian's package lists need {} MiB; make room, or set "
        "XDG_CACHE_HOME to a folder on another disk",
        folder.string(), space.available / mib, room_for_lists / mib};
  }
}

// The last line of apt's that is about something that failed; it also warns of what is of no concern here, such as
// a cache folder that its unprivileged user may not enter. Its exit status only tells of the worst.
std::string find_complaint(const Completed& completed) {
  std::string last;
  std::istringstream lines{completed.error};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("E:") || line.starts_with("W: Failed to fetch") || line.starts_with("W: GPG error")) {
      last = line;
    }
  }
  return last.empty() && !completed.status.success() ? completed.last_words() : last;
}

}  // namespace

Apt_root::Apt_root(std::string architecture, std::filesystem::path folder, std::string sources)
    : architecture_{std::move(architecture)}, folder_{std::move(folder)}, sources_{std::move(sources)} {
  for (const char* const program : {"apt-get", "apt-cache", "dpkg-deb"}) {
    if (!find_program(program)) {
      throw Failure{
          "packages for {} come from Debian's package sources, and there is no {} here; a Debian 12 has it",
          architecture_, program};
    }
  }
}

std::vector<std::string> Apt_root::words(std::string_view program) const {
  // Read after the host's configuration, so that it has the last word.
  return {std::string{program}, "--config-file", (folder_ / "apt.conf").string()};
}

void Apt_root::write_configuration() const {
  for (const char* const part : {"state/lists/partial", "cache/archives/partial"}) {
    make_folder(folder_ / part);
  }
  const std::ofstream no_packages{folder_ / "status"};
  std::ofstream file{folder_ / "apt.conf"};
  file << "APT::Architecture \"" << architecture_ << "\";\n"
       << "#clear APT::Architectures;\n"
       << "APT::Architectures { \"" << architecture_ << "\"; };\n"
       << "Dir::State " << folder_ / "state" << ";\n"
       << "Dir::State::lists \"lists\";\n"
       << "Dir::State::status " << folder_ / "status" << ";\n"
       << "Dir::Cache " << folder_ / "cache" << ";\n"
       << "Dir::Cache::archives \"archives\";\n"
       // The host's hooks are about the host's own lists.
       << "#clear APT::Update::Pre-Invoke;\n"
       << "#clear APT::Update::Post-Invoke;\n"
       << "#clear APT::Update::Post-Invoke-Success;\n"
       // Of all that a source offers only the list of binary packages is of use.
       << "#clear Acquire::IndexTargets::deb-src;\n"
       << "#clear Acquire::IndexTargets::deb;\n"
       << "Acquire::IndexTargets::deb::Packages { MetaKey \"$(COMPONENT)/binary-$(ARCHITECTURE)/Packages\"; "
          "flatMetaKey \"Packages\"; ShortDescription \"Packages\"; "
          "Description \"$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Packages\"; "
          "flatDescription \"$(RELEASE) Packages\"; };\n"
       << "Acquire::Languages \"none\";\n"
       << "Acquire::Retries \"3\";\n"
       << "Acquire::AllowInsecureRepositories \"false\";\n"
       << "APT::Get::AllowUnauthenticated \"false\";\n";
  if (!sources_.empty()) {
    write_file(folder_ / "sources.list", sources_);
    file << "Dir::Etc::sourcelist " << folder_ / "sources.list" << ";\n"
         << "Dir::Etc::sourceparts \"-\";\n";
  }
  if (!file.flush()) {
    throw Failure{"{} cannot be written; is there room on that disk?", (folder_ / "apt.conf").string()};
  }
}

void Apt_root::update() {
  make_folder(folder_);
  check_room(folder_);
  write_configuration();
  Step step{fmt::format("reading Debian's package lists for {}", architecture_)};
  Command command{.words = words("apt-get"), .environment = {{"LC_ALL", "C.UTF-8"}}, .directory = {}};
  command.words.emplace_back("update");
  const Completed completed = step.run(command);
  complaint_ = find_complaint(completed);
  step.done(complaint_.empty() ? "" : "not all sources could be read");
}

std::vector<std::string> Apt_root::names(const std::string& pattern) const {
  std::vector<std::string> found;
  if (!std::filesystem::exists(folder_ / "apt.conf")) {
    return found;
  }
  Command command{.words = words("apt-cache"), .environment = {{"LC_ALL", "C.UTF-8"}}, .directory = {}};
  command.words.insert(command.words.end(), {"search", "--names-only", pattern});
  const Completed completed = run(command);
  if (!completed.status.success()) {
    throw Failure{"apt-cache cannot search Debian's package lists for {}: {}", architecture_,
                  completed.last_words()};
  }
  std::istringstream lines{completed.output};
  for (std::string line; std::getline(lines, line);) {
    found.push_back(line.substr(0, line.find(' ')));
  }
  return found;
}

std::vector<std::string> Apt_root::dependencies(const std::vector<std::string>& packages) const {
  Command command{.words = words("apt-cache"), .environment = {{"LC_ALL", "C.UTF-8"}}, .directory = {}};
  command.words.insert(command.words.end(), {"depends", "--important"});
  command.words.insert(command.words.end(), packages.begin(), packages.end());
  const Completed completed = run(command);
  if (!completed.status.success()) {
    throw Failure{"apt-cache cannot tell what {} depends on: {}", packages.front(), completed.last_words()};
  }
  std::vector<std::string> found;
  std::istringstream lines{completed.output};
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view label = "epends: ";  // of "Depends: " and "PreDepends: "
    const std::size_t start = line.find(label);
    if (line.starts_with(" ") && start != std::string::npos) {
      found.push_back(line.substr(start + label.size()));
    }
  }
  return found;
}

std::string Apt_root::unpack(const std::string& package, const std::filesystem::path& destination) const {
  const auto workshop = folder_ / ("unpacking-" + package);
  std::filesystem::remove_all(workshop);
  make_folder(workshop / "root");
  Step step{fmt::format("fetching {} for {}", package, architecture_)};
  Command download{.words = words("apt-get"), .environment = {{"LC_ALL", "C.UTF-8"}}, .directory = workshop};
  download.words.insert(download.words.end(), {"download", package});
  if (const Completed completed = step.run(download); !completed.status.success()) {
    throw Failure{"{} for {} cannot be fetched; apt says: {}", package, architecture_, completed.last_words()};
  }
  std::filesystem::path archive;
  for (const auto& entry : std::filesystem::directory_iterator{workshop}) {
    if (entry.path().extension() == ".deb") {
      archive = entry.path();
    }
  }
  const Completed field =
      run({.words = {"dpkg-deb", "--field", archive.string(), "Version"}, .environment = {}, .directory = {}});
  const Completed extraction =
      step.run({.words = {"dpkg-deb", "--extract", archive.string(), (workshop / "root").string()},
                .environment = {},
                .directory = {}});
  if (!field.status.success() || !extraction.status.success()) {
    throw Failure{"{} cannot be unpacked in {}: {}", package, workshop.string(),
                  (field.status.success() ? extraction : field).last_words()};
  }
  const std::string version = field.output.substr(0, field.output.find('\n'));
  make_folder(destination.parent_path());
  std::filesystem::remove_all(destination);
  std::filesystem::rename(workshop / "root", destination);
  std::filesystem::remove_all(workshop);
  step.done(version);
  return version;
}

}  // namespace enlighten::runner
