/* The statement generator's reader: what it takes, and what it refuses with which line. */
#include "schemas/statements_parse.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Parses a source that must be good and have one statement. */
static struct parsed_statements parse_one(const char *source)
{
        struct parsed_statements statements;
        struct statement_fault fault;
        if (!statements_parse(source, strlen(source), &statements, &fault))
                fail_msg("line %d: %s", fault.line, fault.reason);
        assert_int_equal(statements.count, 1);
        return statements;
}

static void check_sql(const char *source, const char *sql)
{
        struct parsed_statements statements = parse_one(source);
        assert_string_equal(statements.list[0].sql, sql);
        statements_clear(&statements);
}

static void check_fault(const char *source, int line, const char *reason)
{
        struct parsed_statements statements;
        struct statement_fault fault;
        assert_false(statements_parse(source, strlen(source), &statements, &fault));
        if (!strstr(fault.reason, reason))
                fail_msg("\"%s\" does not say \"%s\"", fault.reason, reason);
        assert_int_equal(fault.line, line);
}

static void test_a_head_names_parameters_and_columns(void **state)
{
        (void)state;
        struct parsed_statements all =
                parse_one("-- The file's own comment.\n\n"
                          "-- persons_in (network text, days bigint[],\n"
                          "--   on date) -> many (person bigint, tags text[])\n"
                          "-- Who is there.\n"
                          "SELECT :network, :days, :on;\n");
        const struct parsed_statement *s = &all.list[0];
        assert_string_equal(s->name, "persons_in");
        assert_string_equal(s->comment, "Who is there.\n");
        assert_int_equal(s->line, 3);
        assert_int_equal(s->answer, ANSWER_MANY);
        assert_int_equal(s->param_count, 3);
        assert_string_equal(s->params[1].name, "days");
        assert_string_equal(s->params[1].type->constant, "SQL_BIGINTS");
        assert_int_equal(s->column_count, 2);
        assert_string_equal(s->columns[1].type->c, "struct text_array");
        statements_clear(&all);
}

static void test_parameters_become_numbers(void **state)
{
        (void)state;
        check_sql("-- a (x int, y text) -> none\nSELECT :y, :x, :y ;", "SELECT $2, $1, $2");
}

static void test_quotes_comments_and_casts_hold_no_parameters(void **state)
{
        (void)state;
        check_sql("-- a (x int) -> none\nSELECT ':y;', \":y;\", 'it''s :y', :x::text;",
                  "SELECT ':y;', \":y;\", 'it''s :y', $1::text");
        check_sql("-- a (x int) -> none\nSELECT E'\\':y', '\\', :x;", "SELECT E'\\':y', '\\', $1");
        check_sql("-- a (x int) -> none\nSELECT $$ :y; $$, $b$ $$ :y; $b$, :x;",
                  "SELECT $$ :y; $$, $b$ $$ :y; $b$, $1");
        check_sql("-- a (x int) -> none\nSELECT 1 -- :y;\n, /* :y; /* deep */ ; */ :x;",
                  "SELECT 1 \n,   $1");
        check_sql("-- a () -> none\nSELECT a[1:2], b := 3;", "SELECT a[1:2], b := 3");
}

static void test_a_comment_cannot_end_the_c_comment(void **state)
{
        (void)state;
        struct parsed_statements all = parse_one("-- a () -> none\n-- odd */ words\nSELECT 1;");
        assert_null(strstr(all.list[0].comment, "*/"));
        statements_clear(&all);
}

static void test_faults_name_their_line(void **state)
{
        (void)state;
        check_fault("-- a () -> none\nSELECT\n :y;", 3, "unknown parameter :y");
        check_fault("-- a (x int) -> none\nSELECT 1;", 1, "parameter x is never used");
        check_fault("-- a (x int, x text) -> none\nSELECT :x;", 1, "x stands twice");
        check_fault("-- a (x float) -> none\nSELECT :x;", 1, "unknown type \"float\"");
        check_fault("-- a () -> one (n int, n int)\nSELECT 1, 1;", 1, "n stands twice");
        check_fault("-- a () -> some (n int)\nSELECT 1;", 1, "expected many, one or none");
        check_fault("-- a () -> many ()\nSELECT 1;", 1, "without columns");
        check_fault("-- a () -> none\nSELECT 1;\n\n-- a () -> none\nSELECT 2;", 4,
                    "a stands twice");
        check_fault("-- a () -> none\nSELECT 1", 1, "no ; ends it");
        check_fault("-- a () -> none\nSELECT 1; SELECT 2;", 2, "something follows");
        check_fault("-- a () -> none (n int)\nSELECT 1;", 1, "something follows");
        check_fault("-- a () -> none\n;", 1, "no SQL");
        check_fault("-- a () -> none\nSELECT 'x;", 2, "never closed");
        check_fault("-- a () -> none\nSELECT $x$ ;", 2, "never closed");
        check_fault("-- a () -> none\nSELECT /* ;", 2, "never closed");
        check_fault("-- a (x int) -> none\nSELECT $1;", 2, "written :name");
        check_fault("-- int () -> none\nSELECT 1;", 1, "word of C");
        check_fault("-- A () -> none\nSELECT 1;", 1, "lower-case");
        check_fault("-- a_ () -> none\nSELECT 1;", 1, "does not end with _");
        check_fault("-- a (x\nSELECT 1;", 2, "ends too early");
        check_fault("SELECT 1;", 1, "expected");
        check_fault("-- words\nSELECT 1;", 1, "expected");
}

static void test_names_and_statements_are_bounded(void **state)
{
        (void)state;
        char source[STATEMENTS_SQL + 200];
        int size = snprintf(source, sizeof source, "-- %065d () -> none\nSELECT 1;", 0);
        source[3] = 'a';
        check_fault(source, 1, "expected the statement's name");
        size = snprintf(source, sizeof source, "-- a () -> none\nSELECT 1");
        memset(source + size, ' ', STATEMENTS_SQL);
        source[size + STATEMENTS_SQL] = '\0';
        strcat(source, ";");
        check_fault(source, 1, "longer than");
}

/* Every beginning of a good file is read or refused, never more than read. */
static void test_a_file_cut_anywhere_is_harmless(void **state)
{
        (void)state;
        const char *source = "-- file\n\n-- a (x int,\n-- y text[]) -> one (n int)\n-- c "
                             "*/\nSELECT E'\\'', $$;$$, "
                             "\"q\" /* c */, :x::int, :y -- d\n;\n";
        for (size_t size = 0; size <= strlen(source); size++) {
                struct parsed_statements all;
                struct statement_fault fault = { 0 };
                char *copy =
                        malloc(size + !size); /* exact, so that a sanitizer sees a step beyond */
                memcpy(copy, source, size);
                if (statements_parse(copy, size, &all, &fault))
                        statements_clear(&all);
                else
                        assert_true(*fault.reason);
                free(copy);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_head_names_parameters_and_columns),
                cmocka_unit_test(test_parameters_become_numbers),
                cmocka_unit_test(test_quotes_comments_and_casts_hold_no_parameters),
                cmocka_unit_test(test_a_comment_cannot_end_the_c_comment),
                cmocka_unit_test(test_faults_name_their_line),
                cmocka_unit_test(test_names_and_statements_are_bounded),
                cmocka_unit_test(test_a_file_cut_anywhere_is_harmless),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
