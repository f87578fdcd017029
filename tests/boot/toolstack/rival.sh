# SPDX-License-Identifier: MIT
# Run in dom0 beside a guest: writes to a node of its all the time, until the guest says that it is enough.
data=/local/domain/$(xl domid "$1")/data
count=0
while ! xenstore-exists "$data/done"; do
  count=$((count + 1))
  xenstore-write "$data/rival" "$count" || exit 1
done
echo "the guest has said that it is enough"
[ "$count" -gt 1 ]
