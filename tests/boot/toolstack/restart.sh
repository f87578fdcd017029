# SPDX-License-Identifier: MIT
# Run in dom0 beside the image control: asks for a restart, as soon as it can be asked for.
home=/local/domain/$(xl domid "$1")
. ./until_so.sh
takes_requests() { [ "$(xenstore-read "$home/control/feature-reboot" 2>/dev/null)" = 1 ]; }
until_so "it takes requests" takes_requests
xl reboot "$1"
