/*
 * migrate: brings a database to the schema of this version: schemas/sql/NNNN_name.sql in order,
 * each in one transaction, forward only. public.migration remembers what was applied; a file that
 * changed after it was applied is refused. An advisory lock lets one migrate at a time; the others
 * wait. Needs a superuser.
 */
#pragma once

#include "common/db.h"

struct migrated {
        size_t applied;   /* now */
        size_t before;    /* were there already */
        char reason[400]; /* why not, for a person: names the file and, for SQL, the server's words
                           */
};

/* now is the domain time that the record bears. False: reason says why; what was applied before it
 * stays. */
bool migrate(struct db *db, const char *directory, int64_t now, struct migrated *migrated);
