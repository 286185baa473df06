/*
 * csv and the form of import files: what spreadsheets write is read, and what cannot be read is
 * told with its line.
 */
#include "common/csv.h"
#include "common/register/import.h"
#include "tests/support/test.h"
#include <stdlib.h>
#include <string.h>

static struct arena *arena;

static int set_up(void **state)
{
        (void)state;
        arena = arena_new();
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        arena_destroy(&arena);
        return 0;
}

/* The table in the string, which must be good. */
static struct csv good(const char *data)
{
        struct csv csv;
        struct csv_fault fault = { 0 };
        if (!csv_read(text_of(data), arena, &csv, &fault))
                fail_msg("line %d: %s", fault.line, fault.reason);
        return csv;
}

/* Expects the fault on the line, with the words. */
static void bad(struct text data, int line, const char *words)
{
        struct csv csv;
        struct csv_fault fault = { 0 };
        assert_false(csv_read(data, arena, &csv, &fault));
        if (fault.line != line || !strstr(fault.reason, words))
                fail_msg("line %d: %s", fault.line, fault.reason);
}

static void test_the_head_line_tells_the_separator(void **state)
{
        (void)state;
        const char *const files[] = { "id;name\nN1;a,b\n", "id\tname\nN1\ta,b\n",
                                      "id,name\nN1,\"a,b\"\n", "\"id\";name\nN1;a,b" };
        for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
                struct csv csv = good(files[i]);
                assert_int_equal(csv.columns, 2);
                assert_text_equal(csv.head[1], "name");
                assert_int_equal(csv.rows, 1);
                assert_text_equal(csv.row[0].cell[0], "N1");
                assert_text_equal(csv.row[0].cell[1], "a,b");
        }
}

static void test_what_spreadsheets_write_is_read(void **state)
{
        (void)state;
        struct csv csv = good("\xef\xbb\xbf# note; here\r\nid;name\r\n\r\nN1; Ål \r\n# more\r\n"
                              "N2;\"to \"\"linjer\"\"\r\nher\"\r\nN3;\"\"\r\n");
        assert_int_equal(csv.rows, 3);
        assert_text_equal(csv.head[0], "id");
        assert_int_equal(csv.row[0].line, 4);
        assert_text_equal(csv.row[0].cell[1], "Ål");
        assert_int_equal(csv.row[1].line, 6);
        assert_text_equal(csv.row[1].cell[1], "to \"linjer\"\r\nher");
        assert_int_equal(csv.row[2].line, 8);
        assert_int_equal(csv.row[2].cell[1].size, 0);
}

static void test_a_head_without_rows_is_a_table(void **state)
{
        (void)state;
        assert_int_equal(good("id;name").rows, 0);
        assert_int_equal(good("id").columns, 1);
}

static void test_a_fault_is_told_with_its_line(void **state)
{
        (void)state;
        bad(TEXT(""), 1, "no head line");
        bad(TEXT("# only\n# comments\n"), 3, "no head line");
        bad(TEXT("a;;c\n"), 1, "column 2 has no name");
        bad(TEXT("a;b\n1;2\n1;2;3\n"), 3, "3 cells where the head has 2");
        bad(TEXT("a;b\n1\n"), 2, "1 cells where the head has 2");
        bad(TEXT("a;b\n1;\"open\n2;3\n"), 2, "not closed");
        bad(TEXT("a;b\n1;\"open\"\"\n"), 2, "not closed");
        bad(TEXT("a;b\n1;\"x\"y\n"), 2, "follows a closing quote");
        bad(TEXT("a;b\n1;2\n3;\xe6\n"), 3, "not UTF-8");
        bad((struct text){ "a;b\n1;\0\n", 8 }, 2, "not UTF-8");
}

static void test_sizes_are_bounded(void **state)
{
        (void)state;
        char *cell = arena_alloc(arena, CSV_MOST_CELL + 8);
        memcpy(cell, "a\n", 2);
        memset(cell + 2, 'x', CSV_MOST_CELL + 1);
        bad((struct text){ cell, CSV_MOST_CELL + 3 }, 2, "longer");
        cell[2] = '"';
        cell[CSV_MOST_CELL + 4] = '"';
        memset(cell + 3, 'x', CSV_MOST_CELL + 1);
        bad((struct text){ cell, CSV_MOST_CELL + 5 }, 2, "not closed");

        char columns[2 * CSV_MOST_COLUMNS + 2];
        for (size_t i = 0; i < sizeof columns; i++)
                columns[i] = i % 2 ? ';' : 'a';
        bad((struct text){ columns, sizeof columns }, 1, "more than 64 columns");

        size_t size = 2 * (CSV_MOST_ROWS + 2);
        char *rows = arena_alloc(arena, size);
        for (size_t i = 0; i < size; i++)
                rows[i] = i % 2 ? '\n' : 'a';
        bad((struct text){ rows, size }, CSV_MOST_ROWS + 2, "more than 100000 rows");
}

/* The rows of a file of that name as one line of JSON; the fault's line and words if it is bad. */
static const char *taken(const char *name, const char *data)
{
        struct csv_fault fault = { 0 };
        json_t *files = json_array();
        const char *out;
        if (import_add(files, text_of(name), text_of(data), arena, &fault)) {
                char *dump = json_dumps(json_array_get(files, 0), JSON_COMPACT | JSON_SORT_KEYS);
                out = arena_string(arena, text_of(dump));
                free(dump);
        } else {
                out = arena_printf(arena, "%d: %s", fault.line, fault.reason).at;
        }
        json_decref(files);
        return out;
}

static void test_the_kind_is_in_the_name(void **state)
{
        (void)state;
        assert_string_equal(taken("x/10-person.drammen.csv", "code\np1\n"),
                            "{\"columns\":[\"code\"],\"file\":\"10-person.drammen.csv\","
                            "\"kind\":\"person\",\"rows\":[[2,\"p1\"]]}");
        assert_true(import_is_file(TEXT("goal.json")));
        assert_true(import_is_file(TEXT("goal.csv")));
        assert_false(import_is_file(TEXT("README.md")));
        assert_false(import_is_file(TEXT(".csv")));
}

static void test_json_objects_become_rows_with_lines(void **state)
{
        (void)state;
        assert_string_equal(
                taken("goal.json",
                      "[\n {\"id\": \"M\", \"n\": 3},\n\n {\"n\": null, \"b\": true}]\n"),
                "{\"columns\":[\"id\",\"n\",\"b\"],\"file\":\"goal.json\",\"kind\":\"goal\","
                "\"rows\":[[2,\"M\",\"3\"],[4,null,null,\"true\"]]}");
        assert_string_equal(
                taken("goal.json", " [ ] "),
                "{\"columns\":[],\"file\":\"goal.json\",\"kind\":\"goal\",\"rows\":[]}");
}

/* Expects a JSON file to be refused on the line, with the words. */
static void bad_json(const char *data, const char *line, const char *words)
{
        const char *said = taken("goal.json", data);
        if (strncmp(said, line, strlen(line)) != 0 || !strstr(said, words))
                fail_msg("%s", said);
}

static void test_a_fault_in_json_is_told_with_its_line(void **state)
{
        (void)state;
        bad_json("{}", "1:", "array of objects");
        bad_json("", "1:", "array of objects");
        bad_json("[\n{\"a\":1},\n7]", "3:", "");
        bad_json("[\n[1]]", "2:", "an object is expected");
        bad_json("[\n{\"a\":[1]}]", "2:", "a is a list or an object");
        bad_json("[{\"a\":1}\n\n{\"a\":1}]", "3:", "comma");
        bad_json("[{\"a\":1}]\n x", "2:", "something follows");
        bad_json("[{\"a\":1},\n{\"a\":1,\n\"a\":2}]", "3:", "duplicate");
        bad_json("[{\"a\":1},", "1:", "");
        bad_json("[{\"a\":1},]", "1:", "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_head_line_tells_the_separator),
                cmocka_unit_test(test_what_spreadsheets_write_is_read),
                cmocka_unit_test(test_a_head_without_rows_is_a_table),
                cmocka_unit_test(test_a_fault_is_told_with_its_line),
                cmocka_unit_test(test_sizes_are_bounded),
                cmocka_unit_test(test_the_kind_is_in_the_name),
                cmocka_unit_test(test_json_objects_become_rows_with_lines),
                cmocka_unit_test(test_a_fault_in_json_is_told_with_its_line),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
