#ifndef GRANARY_CLINUX_SHIM_H
#define GRANARY_CLINUX_SHIM_H

#include <malloc.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

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

/*
 * openat2(2), which the C library does not wrap: opens for reading what lies below a directory. A symbolic link is followed
 * unless it leads out of there. Gives a descriptor, or -1 with errno; ENOSYS before Linux 5.6.
 */
static inline int granary_open_beneath(int directory, const char *path, int flags) {
    struct { uint64_t flags, mode, resolve; } how = {(uint64_t)flags, 0, 0x02 /* no magic links */ | 0x08 /* beneath */};
    return (int)syscall(437, directory, path, &how, sizeof how);
}

/* mallopt(3): how many arenas the C library's heap may have; 0 on error. */
static inline int granary_limit_arenas(int count) {
    return mallopt(M_ARENA_MAX, count);
}

#endif
