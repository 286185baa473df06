/*
 * http_store: db.h's functions, linked in their place. Requests are answered when somebody waits or
 * receives. A byte of the choices says how many rows an answer has, or that it fails; one says what
 * is in each column: a word that may stand in a column of that name, or a number. Most bytes say
 * what leads on: a row, a yes, the first word.
 */
#include "tests/fuzz/http_store.h"

#include "tests/fuzz/fuzz.h"
#include "workers/web/print_child.h"
#include "workers/web/web.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
        REQUESTS = 64,
        ROWS_MOST = 3,
        NAME_MOST = 60, /* bytes: nothing is known under a longer name */
        COUNTS = 6,     /* of ratings: 1 to 5, and "don't know" */
        OFTEN = 8,      /* all but one in so many choices lead on */
        FAILS = 0xf8,   /* from here on a choice is a failure */
};

struct asked {
        const struct statement *statement; /* NULL: plain SQL */
        const char *sql;
        bool is_known; /* there may be rows */
        db_done *done;
        void *context;
};

struct db {
        struct asked queue[REQUESTS];
        size_t count;
        struct db_result now; /* in a callback: the answer */
};

static struct text choices;
static size_t next_choice;
static int64_t asked_about; /* the first of the numbers that were last asked about */

void store_choose(struct text chosen)
{
        choices = chosen;
        next_choice = 0;
}

static unsigned choose(void)
{
        return choices.size ? (unsigned char)choices.at[next_choice++ % choices.size] : 0;
}

struct db *db_new(const char *conninfo, const char *user, const char *search_path, int deadline_ms)
{
        (void)conninfo, (void)user, (void)search_path, (void)deadline_ms;
        struct db *db = calloc(1, sizeof *db);
        require(db);
        return db;
}

void db_destroy(struct db **db)
{
        free(*db);
        *db = NULL;
}

bool db_connect(struct db *db)
{
        (void)db;
        return true;
}

bool db_is_open(const struct db *db)
{
        (void)db;
        return true;
}

void db_close(struct db *db)
{
        require(db->count == 0);
}

int db_socket(const struct db *db)
{
        (void)db;
        return -1;
}

bool db_has_unsent(const struct db *db)
{
        (void)db;
        return false;
}

size_t db_pending(const struct db *db)
{
        return db->count;
}

static void queue(struct db *db, const struct asked *asked)
{
        require(db->count < REQUESTS);
        db->queue[db->count++] = *asked;
}

/* Whether all that is named could be the name of something. */
static bool may_be_known(const struct statement *statement, const union param *params)
{
        for (size_t i = 0; i < statement->param_count; i++)
                if (statement->param_types[i] == SQL_TEXT && params[i].text.size > NAME_MOST)
                        return false;
        return true;
}

void db_send(struct db *db, const struct statement *statement, const union param *params,
             db_done *done, void *context)
{
        for (size_t i = 0; i < statement->param_count; i++)
                if (statement->param_types[i] == SQL_TEXT)
                        require(!params[i].text.at || text_is_utf8(params[i].text));
                else if (statement->param_types[i] == SQL_BIGINTS && params[i].ints.count > 0)
                        asked_about = params[i].ints.at[0];
        queue(db, &(struct asked){ .statement = statement,
                                   .is_known = may_be_known(statement, params),
                                   .done = done,
                                   .context = context });
}

void db_send_plain(struct db *db, const char *sql, db_done *done, void *context)
{
        queue(db, &(struct asked){ .sql = sql, .done = done, .context = context });
}

void db_chain(struct db *db)
{
        (void)db;
}

bool db_flush(struct db *db)
{
        (void)db;
        return true;
}

/* An answer of the server's that is an error, or none. */
static void fail(struct db_result *result, unsigned choice)
{
        static const char states[][6] = { "PD002", "23505", "22P03", "40001",
                                          "42501", "57P01", "25006" };
        const size_t which = choice - FAILS;
        result->end = which < sizeof states / sizeof *states ? DB_ERROR : DB_LOST;
        result->message = "that <may> not be & so on";
        if (result->end == DB_ERROR)
                memcpy(result->sqlstate, states[which], sizeof *states);
}

static struct db_result answer(const struct asked *asked)
{
        struct db_result result = { .message = "", .command = "" };
        if (!asked->statement) {
                result.command = asked->sql;
                return result;
        }
        const unsigned choice = choose();
        union {
                const void *in;
                void *out;
        } statement = { .in = asked->statement };
        result.handle = statement.out;
        if (choice >= FAILS)
                fail(&result, choice);
        else if (asked->is_known && choice % OFTEN != 0)
                result.rows = 1 + choice % ROWS_MOST;
        return result;
}

bool db_receive(struct db *db)
{
        while (db->count > 0) {
                const struct asked asked = db->queue[0];
                memmove(db->queue, db->queue + 1, --db->count * sizeof *db->queue);
                db->now = answer(&asked);
                if (asked.done)
                        asked.done(asked.context, &db->now);
        }
        return true;
}

bool db_wait(struct db *db)
{
        return db_receive(db);
}

void db_keep(struct db *db, struct db_result *kept)
{
        *kept = db->now;
}

void db_result_clear(struct db_result *result)
{
        *result = (struct db_result){ .message = "", .command = "" };
}

/* As db_result.c reads it, of those states alone that there are here. */
enum db_advice db_advice(const struct db_result *result)
{
        if (result->end == DB_LOST || strcmp(result->sqlstate, "25006") == 0)
                return DB_ADVICE_RECONNECT;
        switch (result->sqlstate[0]) {
        case 'P':
                return DB_ADVICE_REJECT;
        case '2':
                return result->sqlstate[1] == '2' ? DB_ADVICE_REJECT : DB_ADVICE_RETRY_ONCE;
        default:
                return strcmp(result->sqlstate, "42501") == 0 ? DB_ADVICE_EXIT : DB_ADVICE_RETRY;
        }
}

/* The words that may stand in a column, each after a space. */
static const char *find_words(const char *column)
{
        static const struct {
                const char *column, *words;
        } known[] = {
                { "role", " leader coordinator support steering council contact" },
                { "mode", " anonymous named municipality" },
                { "state", " open scheduled held cancelled closed refused uncertain done dropped "
                           "wanted unsubscribed" },
                { "kind", " scale text network session year survey_municipality goals methods" },
                { "standing", " shown hidden open missing" },
                { "follow_up", " shown hidden open missing" },
                { "status", " reached partly not none answered missing" },
                { "name", " q1 q2 q12 letters open parked words" },
                { "language", " nb nn en" },
                { "year", " 2027" },
        };
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
                if (strcmp(known[i].column, column) == 0)
                        return known[i].words;
        return " N1-S1 N1 N1-a LU-2027 drammen 3301 overall sub_goal/N1-a x " STORE_MARK "\"&' å";
}

/* One of some words. */
static struct text pick(const char *words)
{
        struct text rest = text_of(words), word = { 0 };
        const size_t choice = choose();
        size_t count = 0;
        for (size_t i = 0; i < rest.size; i++)
                count += rest.at[i] == ' ';
        text_cut(&rest, ' ');
        for (size_t n = choice & 1 ? 1 : choice / 2 % count + 1; n > 0; n--)
                word = text_cut(&rest, ' ');
        return word;
}

static const struct statement *statement_of(const struct db_result *result, int64_t row, int column)
{
        const struct statement *statement = result->handle;
        require(!statement || column < (int)statement->column_count);
        return row < result->rows ? statement : NULL;
}

int64_t db_int(const struct db_result *result, int64_t row, int column)
{
        const struct statement *statement = statement_of(result, row, column);
        if (!statement)
                return DB_NULL;
        const enum sql_type type = statement->column_types[column];
        const char *name = statement->column_names[column];
        const unsigned choice = choose();
        if (type == SQL_BOOL)
                return (choice % OFTEN != 0) != (strcmp(name, "spent") == 0);
        if (type == SQL_TIME)
                return STORE_NOW + ((int64_t)choice - 90) * 3600 * 1000000;
        if (type == SQL_DATE)
                return STORE_NOW / 86400 / 1000000 + choice - 90;
        if (type == SQL_SMALLINT)
                return 1 + choice % 10; /* the type of an event */
        if (strcmp(name, "invitation") == 0)
                return asked_about;
        return strcmp(name, "year") == 0 ? 2026 + choice % 3 : choice % 4;
}

/* A public key that an answer can be sealed with. */
static struct text find_key(void)
{
        static unsigned char public[crypto_box_PUBLICKEYBYTES], secret[crypto_box_SECRETKEYBYTES];
        static const unsigned char seed[crypto_box_SEEDBYTES];
        crypto_box_seed_keypair(public, secret, seed);
        return (struct text){ (const char *)public, sizeof public };
}

struct text db_text(const struct db_result *result, int64_t row, int column)
{
        const struct statement *statement = statement_of(result, row, column);
        if (!statement)
                return (struct text){ 0 };
        if (statement->column_types[column] == SQL_BYTEA)
                return find_key();
        return pick(find_words(statement->column_names[column]));
}

struct int_array db_ints(const struct db_result *result, int64_t row, int column,
                         struct arena *arena)
{
        const size_t count = statement_of(result, row, column) ? COUNTS : 0;
        int64_t *ints = arena_array(arena, count, sizeof *ints);
        for (size_t i = 0; i < count; i++)
                ints[i] = choose() % 16;
        return (struct int_array){ ints, count };
}

struct text_array db_texts(const struct db_result *result, int64_t row, int column,
                           struct arena *arena)
{
        const size_t count = statement_of(result, row, column) ? choose() % 4 : 0;
        struct text *texts = arena_array(arena, count, sizeof *texts);
        for (size_t i = 0; i < count; i++)
                texts[i] = pick(find_words(""));
        return (struct text_array){ texts, count };
}

/* The store is never away for long. */
bool web_begin(struct web *web, int64_t now)
{
        return tx_begin(web->tx, now);
}

enum tx_end web_commit(struct web *web)
{
        return tx_commit(web->tx);
}

/* Nobody listens. */
void web_wake(struct web *web)
{
        (void)web;
}

/* There is no printer. */
bool print_child_start(struct print_child *child, const char *program, const char *style,
                       int64_t seconds, struct text html)
{
        (void)child, (void)program, (void)style, (void)seconds, (void)html;
        return false;
}

bool print_child_made(const struct print_child *child)
{
        (void)child;
        return false;
}

void print_child_end(struct print_child *child)
{
        (void)child;
}
