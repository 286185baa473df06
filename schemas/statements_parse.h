/*
 * statements_parse: reads a .sql file of named statements, for the generator (statements.c) and its
 * tests. A statement is a head in comment lines, further comment lines, and SQL up to a semicolon
 * at a line's end:
 *
 *   -- persons_in (network text, day date) -> many (person bigint, name text)
 *   -- Who is a member that day.
 *   SELECT ... WHERE m.network = :network;
 *
 * A comment followed by an empty line is the file's own and is skipped. Stands alone: nothing of
 * common.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
        STATEMENTS_NAME = 64,     /* a name's bytes, with its NUL */
        STATEMENTS_VALUES = 64,   /* parameters or columns of one statement */
        STATEMENTS_SQL = 4000,    /* bytes of one statement: C promises literals of 4095 */
        STATEMENTS_FILE = 1 << 20 /* bytes of one file */
};

enum statement_answer { ANSWER_NONE, ANSWER_ONE, ANSWER_MANY };

/* A type that a parameter or column may have. */
struct statement_type {
        const char *sql;      /* "bigint[]", as the file writes it */
        const char *postgres; /* "_int8", as pg_type names it */
        const char *constant; /* "SQL_BIGINTS" */
        const char *c;        /* "struct int_array" */
        const char *member;   /* of union param: "ints" */
};

struct statement_value {
        char name[STATEMENTS_NAME];
        const struct statement_type *type;
};

struct parsed_statement {
        int line; /* of its head */
        char name[STATEMENTS_NAME];
        enum statement_answer answer;
        size_t param_count, column_count;
        struct statement_value params[STATEMENTS_VALUES], columns[STATEMENTS_VALUES];
        char *comment; /* its lines, without the head; may be empty */
        char *sql;     /* with $1 for each :param, without comments */
};

struct parsed_statements {
        size_t count;
        struct parsed_statement *list;
};

/* What is wrong, for a person. */
struct statement_fault {
        int line;
        char reason[200];
};

/* False: fault says what is wrong; nothing is kept. Else clear with statements_clear. */
bool statements_parse(const char *source, size_t size, struct parsed_statements *out,
                      struct statement_fault *fault);
void statements_clear(struct parsed_statements *statements);
