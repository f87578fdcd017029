# SPDX-License-Identifier: MIT
# Run in dom0 beside the image vchan: the other end of each of its sessions, by libxenvchan; in the last two killed.
id=$(xl domid "$1")
home=/local/domain/$id/data/vchan
bytes=$(sed -n 1p vchan_bytes)

whole() {
  begun=$(cut -d. -f1 /proc/uptime)
  vchan_peer "$1" "$id" "$home/$2" "$3" "$4" "$bytes" 100 || exit 1
  echo "session $2 took $(($(cut -d. -f1 /proc/uptime) - begun)) s"
}
killed() {
  vchan_peer "$1" "$id" "$home/$2" 4096 4096 endless 0 >said &
  peer=$!
  until grep -q "the guest reads" said; do
    kill -0 "$peer" || exit 1
    sleep 0.1
  done
  kill -9 "$peer"
  echo "session $2: killed while it was sending"
}

whole client 1 0 0
whole client 2 0 0
whole server 3 1024 2048
whole server 4 262144 262144
killed client 5
killed server 6
