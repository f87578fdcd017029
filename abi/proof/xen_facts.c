// SPDX-License-Identifier: MIT
// The facts as Xen's own public headers have them, compiled as C for an Arm machine.
#include <stddef.h>
#include <stdint.h>

// Shows the newest interface, and the operations the headers keep for tools.
#define __XEN_TOOLS__ 1

#include <xen/xen.h>

#include <xen/errno.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/io/console.h>
#include <xen/io/libxenvchan.h>
#include <xen/io/xenbus.h>
#include <xen/io/xs_wire.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#if !defined(__arm__) && !defined(__aarch64__)
#error "Xen's headers would choose the layouts of another architecture"
#endif

#define SIZE_OF(xen, ours) sizeof(xen)
#define OFFSET_OF(xen, xen_member, ours, our_member) offsetof(xen, xen_member)
#define SIZE_OF_FIELD(xen, xen_member, ours, our_member) sizeof(((xen*)0)->xen_member)
#define NUMBER(xen, ours) (xen)

#include "emit.inc"
