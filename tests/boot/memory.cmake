# SPDX-License-Identifier: MIT
# All of RAM. From 3 GiB on Xen gives two banks; `--memory 3300` takes a minute, and is run by hand.
enlighten_boot_test(boot.all_memory IMAGE tests/all_memory/all_memory.img EXIT 0)
enlighten_boot_test(boot.all_memory.without_xen IMAGE tests/all_memory/all_memory.img ARGS --no-xen EXIT 0)
