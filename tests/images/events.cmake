# SPDX-License-Identifier: MIT
# The images that are about events.
list(APPEND images event_await event_expand event_ops event_ports event_priority event_storm)
