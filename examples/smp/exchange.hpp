// SPDX-License-Identifier: MIT
// An exchange of events between every two vCPUs, in which a lost one cannot go unnoticed.
#pragma once

#include <runtime/guest.hpp>
#include <runtime/task.hpp>

// Every vCPU sends to every other one, several times, each time on a port of that pair's own and only after the
// last one was answered, so that no two events can merge. Prints how many were sent, received and lost; 0 when none
// was lost, else an exit code of failure. Without Xen, posted work takes the place of events.
enlighten::runtime::Task<int> exchange_events(enlighten::runtime::Guest& guest);
