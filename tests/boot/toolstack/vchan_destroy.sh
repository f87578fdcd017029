# SPDX-License-Identifier: MIT
# Run in dom0 beside two images vchan, server and client: destroys the client's domain when the server asks for it.
node=/local/domain/$(xl domid "$1")/data/destroy
until xenstore-exists "$node"; do
  xl domid "$2" >/dev/null || exit 1
  sleep 0.1
done
xl destroy "$2" && echo "the client is destroyed"
