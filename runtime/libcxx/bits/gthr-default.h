// SPDX-License-Identifier: MIT
// libstdc++'s thread layer: none. A vCPU is not a thread, and nothing in an image may block in the C++ library.
#pragma once

#include <bits/gthr-single.h>
