// SPDX-License-Identifier: MIT
// Says hello from the CPU that booted.
#include <cstdio>

int main() {
  std::printf("Hello from a guest of Xen\n");
  return 0;
}
