/* SPDX-License-Identifier: MIT */
/* For a compiler without a C library: a header of Xen's asks for this one, and uses nothing of it. */
