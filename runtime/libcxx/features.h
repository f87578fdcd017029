// SPDX-License-Identifier: MIT
// What libstdc++'s Linux configuration asks of glibc's header of this name, answered for picolibc.
#pragma once

#include <sys/features.h>

#ifndef __GLIBC_PREREQ
#define __GLIBC_PREREQ(major, minor) 0
#endif
