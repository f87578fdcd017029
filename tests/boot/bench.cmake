# SPDX-License-Identifier: MIT
# Counts on real Xen that must not rise. The command's place is in the environment, as for every boot.
add_test(NAME boot.bench_baseline COMMAND sh -c "\"$ENLIGHTEN_COMMAND\" bench --check")
enlighten_is_boot_test(boot.bench_baseline)
