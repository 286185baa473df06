/*
 * db_result: what is done with answers: wait for one and keep it, and say what an error means.
 * Stands on db.h alone but for freeing an answer.
 */
#include "common/db.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

void db_result_clear(struct db_result *result)
{
        PQclear(result->handle);
        *result = (struct db_result){ .message = "", .command = "" };
}

/* Keeps an answer for db_run. */
struct keeping {
        struct db *db;
        struct db_result *result;
};

static void keep_answer(void *context, const struct db_result *result)
{
        struct keeping *keeping = context;
        (void)result;
        db_keep(keeping->db, keeping->result);
}

bool db_run(struct db *db, const struct statement *statement, const union param *params,
            struct db_result *result)
{
        struct keeping keeping = { db, result };
        db_send(db, statement, params, keep_answer, &keeping);
        db_wait(db);
        return result->end == DB_OK;
}

bool db_run_plain(struct db *db, const char *sql, struct db_result *result)
{
        struct keeping keeping = { db, result };
        db_send_plain(db, sql, keep_answer, &keeping);
        db_wait(db);
        return result->end == DB_OK;
}

int64_t db_position(const struct db_result *result)
{
        const char *position =
                result->handle ? PQresultErrorField(result->handle, PG_DIAG_STATEMENT_POSITION)
                               : NULL;
        return position ? strtoll(position, NULL, 10) : 0;
}

enum db_advice db_advice(const struct db_result *result)
{
        static const struct {
                char state[6];
                enum db_advice advice;
        } rules[] = {
                { "25006", DB_ADVICE_RECONNECT }, { "PD001", DB_ADVICE_FENCED },
                { "PD002", DB_ADVICE_REJECT },    { "08", DB_ADVICE_RETRY },
                { "0A", DB_ADVICE_RECONNECT },    { "22", DB_ADVICE_REJECT },
                { "25", DB_ADVICE_RETRY },        { "26", DB_ADVICE_RECONNECT },
                { "40", DB_ADVICE_RETRY },        { "42", DB_ADVICE_EXIT },
                { "53", DB_ADVICE_RETRY },        { "55", DB_ADVICE_RETRY },
                { "57", DB_ADVICE_RETRY },        { "58", DB_ADVICE_RETRY },
                { "XX", DB_ADVICE_EXIT },
        };
        if (result->end == DB_LOST)
                return DB_ADVICE_RECONNECT;
        for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
                if (strncmp(rules[i].state, result->sqlstate, strlen(rules[i].state)) == 0)
                        return rules[i].advice;
        return DB_ADVICE_RETRY_ONCE;
}
