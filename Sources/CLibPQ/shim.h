#ifndef GRANARY_CLIBPQ_SHIM_H
#define GRANARY_CLIBPQ_SHIM_H

#include <libpq-fe.h>

/* Fields of an error report are named by characters of postgres_ext.h, which Swift imports with differing types. */

static inline const char *granary_pq_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

static inline const char *granary_pq_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

static inline const char *granary_pq_constraint(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}

/* What the server says besides answers would go to standard error. */

static inline void granary_pq_ignore(void *context, const char *message) {
    (void)context;
    (void)message;
}

static inline void granary_pq_silence(PGconn *connection) {
    PQsetNoticeProcessor(connection, granary_pq_ignore, NULL);
}

#endif
