/*
 * Every statement of every .sql file beside a module, as each program that runs it: it is prepared
 * against the migrated schema with the types it declares, answers with the columns it declares, and
 * its role may run it (EXPLAIN opens the tables and functions with their rights, and runs nothing).
 * New files are found by themselves.
 */
#include "schemas/statements_parse.h"
#include "tests/support/cluster.h"
#include "tests/support/test.h"

#include <ftw.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who runs the files whose path begins so, with which search path. */
static const struct user {
        const char *prefix, *role, *search_path;
} users[] = {
        { "broker/", "padriver_broker", "log" },
        { "common/tx.sql", "padriver_notifications", "notice" },
        { "common/tx.sql", "padriver_evaluation", "evaluation" },
        { "common/tx.sql", "padriver_budget", "budget" },
        { "common/tx.sql", "padriver_newsletter", "newsletter" },
        { "common/tx.sql", "padriver_ctl", "public" },
        { "common/worker.sql", "padriver_notifications", "notice" },
        { "common/worker.sql", "padriver_evaluation", "evaluation" },
        { "common/worker.sql", "padriver_budget", "budget" },
        { "common/worker.sql", "padriver_newsletter", "newsletter" },
        { "common/mail/", "padriver_notifications", "notice" },
        { "common/mail/", "padriver_newsletter", "newsletter" },
        { "common/notice/", "padriver_notifications", "notice" },
        { "common/notice/", "padriver_ctl", "public" },
        { "common/newsletter/", "padriver_newsletter", "newsletter" },
        { "common/newsletter/", "padriver_ctl", "public" },
        { "common/migrate.sql", "postgres", "public" },
        { "common/needs/", "padriver_notifications", "notice" },
        { "common/needs/", "padriver_ctl", "public" },
        { "common/needs/", "padriver_web", "public" },
        { "common/plan/", "padriver_ctl", "public" },
        { "common/evaluation/", "padriver_ctl", "public" },
        { "common/evaluation/", "padriver_web", "public" },
        { "common/register/", "padriver_ctl", "public" },
        { "workers/notifications/", "padriver_notifications", "notice" },
        { "workers/evaluation/", "padriver_evaluation", "evaluation" },
        { "workers/budget/", "padriver_budget", "budget" },
        { "workers/newsletter/", "padriver_newsletter", "newsletter" },
        { "workers/ctl/", "padriver_ctl", "public" },
        { "workers/ctl/metrics.sql", "padriver_metrics", "public" },
        { "workers/web/", "padriver_web", "public" },
};

static char paths[200][200];
static size_t path_count;
static int faults, statement_count;

static void __attribute__((format(printf, 3, 4)))
complain(const char *path, const struct parsed_statement *s, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        print_error("%s:%d: %s: ", path, s->line, s->name);
        char line[500];
        vsnprintf(line, sizeof line, format, args);
        print_error("%s\n", line);
        va_end(args);
        faults++;
}

/* Whether column i stands where another is declared, and that one here: two of a type would go
 * unseen. */
static bool is_swapped(const PGresult *result, const struct parsed_statement *s, size_t i)
{
        for (size_t k = 0; k < i; k++)
                if (strcmp(PQfname(result, (int)i), s->columns[k].name) == 0 &&
                    strcmp(PQfname(result, (int)k), s->columns[i].name) == 0)
                        return true;
        return false;
}

/* The types' names in PostgreSQL by number, asked once. */
static const char *type_name(PGconn *connection, Oid oid)
{
        static char names[100][64];
        static Oid oids[100];
        size_t i = 0;
        while (i < 99 && oids[i] && oids[i] != oid)
                i++;
        if (oids[i] != oid) {
                char sql[100];
                snprintf(sql, sizeof sql, "SELECT typname FROM pg_type WHERE oid = %u", oid);
                PGresult *result = PQexec(connection, sql);
                snprintf(names[i], sizeof names[i], "%s", PQgetvalue(result, 0, 0));
                oids[i] = oid;
                PQclear(result);
        }
        return names[i];
}

/* Compares the columns of a prepared statement with those declared. A declared name stands at its
 * own place. */
static void check_columns(PGconn *connection, const char *path, const struct parsed_statement *s)
{
        PGresult *result = PQdescribePrepared(connection, s->name);
        size_t count = (size_t)PQnfields(result);
        if (s->answer != ANSWER_NONE && count != s->column_count)
                complain(path, s, "answers with %zu columns, %zu are declared", count,
                         s->column_count);
        for (size_t i = 0; s->answer != ANSWER_NONE && i < count && i < s->column_count; i++) {
                const char *type = type_name(connection, PQftype(result, (int)i));
                if (strcmp(type, s->columns[i].type->postgres) != 0)
                        complain(path, s, "column %s is %s, declared %s", s->columns[i].name, type,
                                 s->columns[i].type->sql);
                if (is_swapped(result, s, i))
                        complain(path, s, "columns %s and another are swapped", s->columns[i].name);
        }
        PQclear(result);
}

/* Whether the role may do all it does: EXPLAIN checks rights. */
static void check_rights(PGconn *connection, const char *path, const struct parsed_statement *s,
                         const char *role)
{
        char sql[600];
        int size = snprintf(sql, sizeof sql, "EXPLAIN EXECUTE %s", s->name);
        for (size_t i = 0; i < s->param_count; i++)
                size += snprintf(sql + size, sizeof sql - (size_t)size, "%sNULL", i ? ", " : "(");
        if (s->param_count)
                snprintf(sql + size, sizeof sql - (size_t)size, ")");
        PGresult *result = PQexec(connection, sql);
        if (PQresultStatus(result) != PGRES_TUPLES_OK)
                complain(path, s, "as %s: %s", role, PQresultErrorMessage(result));
        PQclear(result);
}

/* Prepares one statement with its declared types. */
static void check_statement(PGconn *connection, const char *path, const struct parsed_statement *s,
                            const char *role)
{
        Oid types[STATEMENTS_VALUES];
        for (size_t i = 0; i < s->param_count; i++) {
                PGresult *found =
                        PQexecParams(connection, "SELECT oid FROM pg_type WHERE typname = $1", 1,
                                     NULL, &s->params[i].type->postgres, NULL, NULL, 0);
                types[i] = (Oid)strtoul(PQgetvalue(found, 0, 0), NULL, 10);
                PQclear(found);
        }
        PGresult *result = PQprepare(connection, s->name, s->sql, (int)s->param_count, types);
        bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
        if (!good)
                complain(path, s, "as %s: %s", role, PQresultErrorMessage(result));
        PQclear(result);
        if (good) {
                check_columns(connection, path, s);
                check_rights(connection, path, s, role);
        }
        statement_count++;
}

/* Reads a file's statements. */
static struct parsed_statements read_statements(const char *path)
{
        char *source = malloc(STATEMENTS_FILE), whole[500];
        struct statement_fault fault;
        struct parsed_statements statements;
        snprintf(whole, sizeof whole, "%s/%s", SOURCE_DIRECTORY, path);
        FILE *file = fopen(whole, "rb");
        assert_non_null(file);
        size_t size = fread(source, 1, STATEMENTS_FILE, file);
        fclose(file);
        if (!statements_parse(source, size, &statements, &fault))
                fail_msg("%s:%d: %s", path, fault.line, fault.reason);
        free(source);
        return statements;
}

/* Whether the file has users of its own: then those of its folder are not meant. */
static bool is_named(const char *path)
{
        for (size_t i = 0; i < sizeof users / sizeof *users; i++)
                if (strcmp(path, users[i].prefix) == 0)
                        return true;
        return false;
}

/* Checks a file as each of its users. */
static void check_file(const char *conninfo, const char *path)
{
        struct parsed_statements statements = read_statements(path);
        bool used = false, named = is_named(path);
        for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
                const struct user *user = &users[i];
                char options[200];
                if (strncmp(path, user->prefix, strlen(user->prefix)) != 0 ||
                    (named && strcmp(path, user->prefix) != 0))
                        continue;
                snprintf(options, sizeof options, "-c search_path=%s", user->search_path);
                const char *names[] = { "dbname", "user", "options", NULL };
                const char *values[] = { conninfo, user->role, options, NULL };
                PGconn *connection = PQconnectdbParams(names, values, 1);
                if (PQstatus(connection) != CONNECTION_OK)
                        fail_msg("%s", PQerrorMessage(connection));
                for (size_t k = 0; k < statements.count; k++)
                        check_statement(connection, path, &statements.list[k], user->role);
                PQfinish(connection);
                used = true;
        }
        if (!used)
                fail_msg("%s: nobody runs it; say who in this test", path);
        statements_clear(&statements);
}

static int find_sql(const char *path, const struct stat *info, int type, struct FTW *walk)
{
        size_t size = strlen(path), skip = strlen(SOURCE_DIRECTORY) + 1;
        (void)info;
        (void)walk;
        if (type == FTW_F && size > 4 && strcmp(path + size - 4, ".sql") == 0 && path_count < 200)
                snprintf(paths[path_count++], sizeof paths[0], "%s", path + skip);
        return 0;
}

static void test_every_statement_fits_the_schema_and_its_role(void **state)
{
        (void)state;
        const char *conninfo = cluster_database();
        nftw(SOURCE_DIRECTORY "/common", find_sql, 16, FTW_PHYS);
        nftw(SOURCE_DIRECTORY "/broker", find_sql, 16, FTW_PHYS);
        nftw(SOURCE_DIRECTORY "/workers", find_sql, 16, FTW_PHYS);
        for (size_t i = 0; i < path_count; i++)
                check_file(conninfo, paths[i]);
        assert_true(statement_count > 0);
        assert_int_equal(faults, 0);
}

/* A name is a C function of its program: no two files of the tree may share one. */
static void test_no_name_stands_twice(void **state)
{
        static char names[2000][STATEMENTS_NAME];
        size_t count = 0;
        (void)state;
        faults = 0;
        for (size_t i = 0; i < path_count; i++) {
                struct parsed_statements statements = read_statements(paths[i]);
                for (size_t k = 0; k < statements.count && count < 2000; k++) {
                        for (size_t n = 0; n < count; n++)
                                if (strcmp(names[n], statements.list[k].name) == 0)
                                        complain(paths[i], &statements.list[k],
                                                 "stands in another file too");
                        snprintf(names[count++], sizeof names[0], "%s", statements.list[k].name);
                }
                statements_clear(&statements);
        }
        assert_int_equal(faults, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_statement_fits_the_schema_and_its_role),
                cmocka_unit_test(test_no_name_stands_twice),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
