#ifndef GRANARY_CLINUX_SHIM_H
#define GRANARY_CLINUX_SHIM_H

#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/*
 * What the C library shows only to programs that ask for GNU's extensions before anything is included; Swift's view of
 * the library does not.
 */

/* sync_file_range(2) */
int sync_file_range(int descriptor, int64_t offset, int64_t count, unsigned int flags);

enum granary_sync_file_range {
    GRANARY_SYNC_FILE_RANGE_WAIT_BEFORE = 1,
    GRANARY_SYNC_FILE_RANGE_WRITE = 2,
    GRANARY_SYNC_FILE_RANGE_WAIT_AFTER = 4
};

/* preadv2(2) */
ssize_t preadv2(int descriptor, const struct iovec *vectors, int count, off_t offset, int flags);

enum granary_preadv2 {
    GRANARY_RWF_NOWAIT = 8
};

#endif
