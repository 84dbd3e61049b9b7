#ifndef GRANARY_CLIBSSH_SHIM_H
#define GRANARY_CLIBSSH_SHIM_H

#define WITH_SERVER 1
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>

/*
 * The largest packet that the other side takes on a channel, or -1 when it cannot be known.
 *
 * libssh 0.10 takes 10 bytes off this number and divides what is written into packets of the rest: a peer that says 10
 * makes ssh_channel_write send empty packets for ever. No function tells the number, so it is read where 0.10 keeps it;
 * the two fields before it that are known otherwise prove that it is there.
 */
static inline int64_t granary_ssh_channel_remote_maxpacket(ssh_channel channel) {
    enum { local_maxpacket = 20, remote_window = 28, remote_maxpacket = 36, accepted_maxpacket = 35000 };
    uint32_t local = 0, window = 0, remote = 0;
    memcpy(&local, (const char *)channel + local_maxpacket, sizeof local);
    memcpy(&window, (const char *)channel + remote_window, sizeof window);
    memcpy(&remote, (const char *)channel + remote_maxpacket, sizeof remote);
    if (local != accepted_maxpacket || window != ssh_channel_window_size(channel)) {
        return -1;
    }
    return remote;
}

#endif
