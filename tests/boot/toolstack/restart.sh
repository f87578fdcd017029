# SPDX-License-Identifier: MIT
# Run in dom0 beside the image control: asks for a restart, as soon as it can be asked for.
home=/local/domain/$(xl domid "$1")
tries=0
until [ "$(xenstore-read "$home/control/feature-reboot" 2>/dev/null)" = 1 ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || exit 1
  sleep 0.1
done
xl reboot "$1"
