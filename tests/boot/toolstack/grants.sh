# SPDX-License-Identifier: MIT
# Run in dom0 beside the image grants: the other side, which maps the guest's pages and grants it some.
grants_peer "$(xl domid "$1")"
