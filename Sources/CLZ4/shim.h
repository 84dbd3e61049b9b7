#ifndef GRANARY_CLZ4_SHIM_H
#define GRANARY_CLZ4_SHIM_H

#include <lz4frame.h>

#endif
