// SPDX-License-Identifier: MIT
// introduce DOMID PAGE PORT: makes a guest known to xenstored, as a toolstack does when it makes one. PAGE is the
// guest's number of the frame of its xenstore page, PORT that of its event channel for it.
#include <cstdio>
#include <cstdlib>

extern "C" {
#include <xenstore.h>
}

int main(int argument_count, char** arguments) {
  if (argument_count != 4) {
    std::fputs("introduce is told three numbers\n", stderr);
    return 2;
  }
  const auto number = [&](int index) { return std::strtoul(arguments[index], nullptr, 0); };
  xs_handle* const store = xs_open(0);
  if (store == nullptr ||
      !xs_introduce_domain(store, static_cast<unsigned>(number(1)), number(2), static_cast<unsigned>(number(3)))) {
    std::perror("xenstored does not take the guest");
    return 1;
  }
  xs_close(store);
  return 0;
}
