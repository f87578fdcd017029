# SPDX-License-Identifier: MIT
# Run in dom0 beside the image xenstore: kills xenstored, and later starts another, which knows nothing, and to which the
# guest is made known again.
. ./until_so.sh
id=$(xl domid "$1")
home=/local/domain/$id
page=$(xenstore-read "$home/store/ring-ref")
port=$(xenstore-read "$home/store/port")
until_so "the guest is ready" xenstore-exists "$home/data/ready"
kill -9 "$(cat /run/xen/xenstored.pid)"
# The guest is more impatient than that.
sleep 10
xenstored --pid-file=/run/xen/xenstored.pid || exit 1
xenstore-write "$home/name" "$1" "$home/domid" "$id" || exit 1
xenstore-chmod -r "$home" "n$id" r0 || exit 1
introduce "$id" "$page" "$port" || exit 1
echo "another xenstored has taken over guest $id"
