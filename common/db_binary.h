/*
 * db_binary: values between C and PostgreSQL's binary format. db.c's other half; nobody else
 * includes it. A number that its column type cannot hold is sent with a wrong size, so that the
 * server refuses it as bad data (22P03), like any other data it refuses (source: PostgreSQL's send
 * and receive functions).
 */
#pragma once

#include "common/db.h"

#define DB_VALUES 64

/* Parameters as PQsendQueryPrepared wants them. */
struct db_values {
        unsigned types[DB_VALUES]; /* Oid */
        const char *values[DB_VALUES];
        int sizes[DB_VALUES], formats[DB_VALUES];
};

/* Encodes the parameters of a statement; the bytes live in the arena. */
void db_encode(const struct statement *statement, const union param *params, struct arena *arena,
               struct db_values *out);
