// SPDX-License-Identifier: MIT
// This backend meets the contract: its assertions are compiled here.
#include <arch/contract.hpp>
