// SPDX-License-Identifier: MIT
// The code that builds an image's page tables, once for all of a program.
#include <arch/image_table.hpp>

namespace enlighten::arch {

template class Page_table<Image_table_memory>;

}  // namespace enlighten::arch
