// SPDX-License-Identifier: MIT
// The handler of SIGSEGV and SIGBUS: one for the process, over whatever handler a sanitizer has.
#include "access_fault.hpp"

#include <execinfo.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

#include <model/machine_memory.hpp>

// What the linker calls the start of a program.
extern "C" const char __executable_start[];

namespace enlighten::model {
namespace {

std::mutex mutex;
std::vector<const Physical_map*> maps;
struct sigaction before;

// As a guest writes its own: whoever reads such lines finds the functions.
void write_stack() {
  std::array<void*, 32> frames;
  const int count = backtrace(frames.data(), frames.size());
  for (int index = 0; index < count; ++index) {
    const auto address = reinterpret_cast<std::uintptr_t>(frames[static_cast<std::size_t>(index)]);
    char line[80];
    const int length = std::snprintf(line, sizeof line, "  #%d pc=0x%zx image+0x%zx\n", index, address,
                                     address - reinterpret_cast<std::uintptr_t>(__executable_start));
    static_cast<void>(!write(STDERR_FILENO, line, static_cast<std::size_t>(length)));
  }
}

// The process is about to end, in code that was not in the middle of anything of the model's: allocating here can
// at worst end it a little earlier.
void explain(int, siginfo_t* information, void*) {
  const auto address = reinterpret_cast<std::uintptr_t>(information->si_addr);
  for (const Physical_map* const map : maps) {
    std::string words = map->explain(address);
    if (!words.empty()) {
      words.insert(0, "enlighten: ");
      words += "; the access came from:\n";
      static_cast<void>(!write(STDERR_FILENO, words.data(), words.size()));
      write_stack();
    }
  }
  // Returning repeats the access, for whoever was to handle it before.
  sigaction(SIGSEGV, &before, nullptr);
}

}  // namespace

void explain_faults_in(const Physical_map& map) {
  const std::lock_guard guard{mutex};
  if (maps.empty()) {
    struct sigaction action{};
    action.sa_sigaction = explain;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &action, &before);
  }
  maps.push_back(&map);
}

void explain_faults_no_more(const Physical_map& map) {
  const std::lock_guard guard{mutex};
  maps.erase(std::remove(maps.begin(), maps.end(), &map), maps.end());
  if (maps.empty()) {
    sigaction(SIGSEGV, &before, nullptr);
  }
}

}  // namespace enlighten::model
