# SPDX-License-Identifier: MIT
# Run in dom0 beside console_input: types at its console as a terminal would, some of it before anybody reads.
tty=$(xenstore-read "/local/domain/$(xl domid "$1")/console/tty")
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
