# SPDX-License-Identifier: MIT
# Run in dom0 beside a guest: holds it, looks at it with the real tools and with what the run has put into /root, lets it
# go on, and returns 7.
echo "guests: $*"
xl pause "$1"
xl list "$1" | tail -n 1 | awk '{ print "xl knows " $1 " with " $4 " vCPUs" }'
echo "its console is $(xenstore-read "/local/domain/$(xl domid "$1")/console/type")'s"
xl unpause "$1"
read -r words <words && echo "$words"
tell_words
exit 7
