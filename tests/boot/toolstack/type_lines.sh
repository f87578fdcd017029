# SPDX-License-Identifier: MIT
# Run in dom0 beside console_input: types at its UART if it has one, else at its console, as a terminal would, some of it
# before anybody reads.
domain=/local/domain/$(xl domid "$1")
tty=$(xenstore-read "$domain/vuart/0/tty" 2>/dev/null || xenstore-read "$domain/console/tty")
awk 'BEGIN {
  end = "\r"
  for (number = 0; number < 300; ++number) {
    letters = ""
    for (count = number % 100; count > 0; --count) letters = letters sprintf("%c", 97 + number % 26)
    printf "%d %s%s", number, letters, end
    # A line may end in any of three ways, also after a line that is too long.
    end = number % 3 == 0 ? "\n" : number % 3 == 1 ? "\r\n" : "\r"
    if (number == 150) {
      for (count = 0; count < 3000; ++count) printf "x"
      printf "\r"
    }
  }
  printf "end\r"
}' >"$tty"
