/*
 * Answers every exec request "zeros N" with N zero bytes, over libssh: how fast any server that uses libssh can be.
 *
 *     zeros PORT HOST-KEY
 *
 * Any public key may log in; one connection is served at a time, on 127.0.0.1. For benchmarks only.
 */

#include <libssh/libssh.h>
#include <libssh/server.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As much as OpenSSH's client takes in one packet. */
enum { CHUNK_BYTES = 32768 };

static const char zeros[CHUNK_BYTES];

static bool reply_to_login(ssh_message message) {
    if (ssh_message_subtype(message) != SSH_AUTH_METHOD_PUBLICKEY) {
        ssh_message_auth_set_methods(message, SSH_AUTH_METHOD_PUBLICKEY);
        ssh_message_reply_default(message);
        return false;
    }
    if (ssh_message_auth_publickey_state(message) == SSH_PUBLICKEY_STATE_NONE) {
        ssh_message_auth_reply_pk_ok_simple(message);
        return false;
    }
    if (ssh_message_auth_publickey_state(message) != SSH_PUBLICKEY_STATE_VALID) {
        ssh_message_reply_default(message);
        return false;
    }
    ssh_message_auth_reply_success(message, 0);
    return true;
}

static void send_zeros(ssh_channel channel, uint64_t left) {
    while (left > 0) {
        uint32_t count = left < CHUNK_BYTES ? (uint32_t)left : CHUNK_BYTES;
        int written = ssh_channel_write(channel, zeros, count);
        if (written <= 0) {
            return;
        }
        left -= (uint64_t)written;
    }
    ssh_channel_request_send_exit_status(channel, 0);
    ssh_channel_send_eof(channel);
    ssh_channel_close(channel);
}

/* Serves a connection until its client closes it. */
static void serve(ssh_session session) {
    ssh_channel channel = NULL;
    bool logged_in = false;
    ssh_message message;

    while ((message = ssh_message_get(session)) != NULL) {
        int type = ssh_message_type(message);
        unsigned long long count = 0;

        if (type == SSH_REQUEST_AUTH) {
            logged_in = reply_to_login(message) || logged_in;
        } else if (type == SSH_REQUEST_CHANNEL_OPEN && logged_in && channel == NULL) {
            channel = ssh_message_channel_request_open_reply_accept(message);
        } else if (type == SSH_REQUEST_CHANNEL && channel != NULL &&
                   ssh_message_subtype(message) == SSH_CHANNEL_REQUEST_EXEC &&
                   sscanf(ssh_message_channel_request_command(message), "zeros %llu", &count) == 1) {
            ssh_message_channel_request_reply_success(message);
            send_zeros(channel, count);
        } else {
            ssh_message_reply_default(message);
        }
        ssh_message_free(message);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: zeros PORT HOST-KEY\n");
        return 2;
    }

    ssh_bind listener = ssh_bind_new();
    bool process_config = false;
    ssh_bind_options_set(listener, SSH_BIND_OPTIONS_PROCESS_CONFIG, &process_config);
    ssh_bind_options_set(listener, SSH_BIND_OPTIONS_BINDADDR, "127.0.0.1");
    ssh_bind_options_set(listener, SSH_BIND_OPTIONS_BINDPORT_STR, argv[1]);
    ssh_bind_options_set(listener, SSH_BIND_OPTIONS_HOSTKEY, argv[2]);
    if (ssh_bind_listen(listener) != SSH_OK) {
        fprintf(stderr, "zeros: %s\n", ssh_get_error(listener));
        return 1;
    }
    fprintf(stderr, "ready\n");

    for (;;) {
        ssh_session session = ssh_new();
        if (ssh_bind_accept(listener, session) == SSH_OK && ssh_handle_key_exchange(session) == SSH_OK) {
            serve(session);
        }
        ssh_disconnect(session);
        ssh_free(session);
    }
}
