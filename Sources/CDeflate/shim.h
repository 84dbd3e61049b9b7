#ifndef GRANARY_CDEFLATE_SHIM_H
#define GRANARY_CDEFLATE_SHIM_H

#include <libdeflate.h>

#endif
