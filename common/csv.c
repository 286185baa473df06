/*
 * csv: one pass over the bytes, a record at a time, with the first fault kept. A cell is unquoted
 * in place into the arena; the head line is read first and settles the separator and the columns.
 */
#include "common/csv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct reader {
        struct text rest;
        int line;
        char separator;
        struct arena *arena;
        struct csv_fault *fault;
        bool failed;
};

/* Keeps the first fault. */
static void __attribute__((format(printf, 3, 4)))
fail(struct reader *r, int line, const char *format, ...)
{
        va_list args;
        if (r->failed)
                return;
        r->failed = true;
        r->fault->line = line;
        va_start(args, format);
        vsnprintf(r->fault->reason, sizeof r->fault->reason, format, args);
        va_end(args);
}

/* The next byte, or NUL at the end. */
static char peek(const struct reader *r)
{
        return r->rest.size ? r->rest.at[0] : '\0';
}

static char next(struct reader *r)
{
        char c = peek(r);
        r->line += c == '\n';
        r->rest.at++;
        r->rest.size--;
        return c;
}

/* Whether a line, or the file, ends here. */
static bool at_end(const struct reader *r)
{
        return !r->rest.size || peek(r) == '\n' ||
               (peek(r) == '\r' && (r->rest.size == 1 || r->rest.at[1] == '\n'));
}

static void skip_line(struct reader *r)
{
        while (r->rest.size && next(r) != '\n')
                ;
}

/* Skips lines that say nothing: empty ones and comments. */
static void skip_lines(struct reader *r)
{
        while (r->rest.size && (at_end(r) || peek(r) == '#'))
                skip_line(r);
}

/* The bytes up to the closing quote, doubled ones included; the opening quote is at. */
static bool find_quote(struct text rest, size_t *size)
{
        for (size_t i = 1; i < rest.size; i++) {
                if (rest.at[i] != '"')
                        continue;
                *size = i - 1;
                if (i + 1 == rest.size || rest.at[i + 1] != '"')
                        return *size <= CSV_MOST_CELL;
                i++;
        }
        return false;
}

/* A cell in quotes; the opening quote is next. */
static struct text read_quoted(struct reader *r)
{
        size_t bytes, size = 0;
        char *cell;
        if (!find_quote(r->rest, &bytes)) {
                fail(r, r->line, "a quote that is opened here is not closed within %d bytes",
                     CSV_MOST_CELL);
                return (struct text){ 0 };
        }
        cell = arena_alloc(r->arena, bytes + 1);
        next(r);
        for (size_t i = 0; i < bytes; i++) {
                cell[size++] = next(r);
                if (cell[size - 1] == '"') {
                        next(r);
                        i++;
                }
        }
        next(r);
        if (!at_end(r) && peek(r) != r->separator)
                fail(r, r->line, "text follows a closing quote; double the quotes inside a cell");
        return (struct text){ cell, size };
}

/* A cell without quotes, trimmed. */
static struct text read_plain(struct reader *r)
{
        struct text cell = { r->rest.at, 0 };
        while (!at_end(r) && peek(r) != r->separator) {
                next(r);
                cell.size++;
        }
        if (cell.size > CSV_MOST_CELL)
                fail(r, r->line, "a cell is longer than %d bytes", CSV_MOST_CELL);
        return arena_copy(r->arena, text_trim(cell));
}

/* The cells of the record that begins here; returns how many. */
static size_t read_record(struct reader *r, struct text *cells)
{
        size_t count = 0;
        for (;;) {
                if (count == CSV_MOST_COLUMNS) {
                        fail(r, r->line, "there are more than %d columns", CSV_MOST_COLUMNS);
                        return count;
                }
                cells[count++] = peek(r) == '"' ? read_quoted(r) : read_plain(r);
                if (r->failed || at_end(r))
                        break;
                next(r);
        }
        skip_line(r);
        return count;
}

/* The separator of the head line: the first of ; tab and comma outside quotes. */
static char find_separator(struct text rest)
{
        bool quoted = false;
        for (; rest.size && (quoted || rest.at[0] != '\n'); rest.at++, rest.size--) {
                if (rest.at[0] == '"')
                        quoted = !quoted;
                else if (!quoted && strchr(";\t,", rest.at[0]))
                        return rest.at[0];
        }
        return ';';
}

/* The head line; a column needs a name. */
static void read_head(struct reader *r, struct csv *csv)
{
        struct text *head = arena_array(r->arena, CSV_MOST_COLUMNS, sizeof *head);
        int line;
        skip_lines(r);
        line = r->line;
        if (!r->rest.size) {
                fail(r, line, "there is no head line with the columns' names");
                return;
        }
        r->separator = find_separator(r->rest);
        csv->columns = read_record(r, head);
        csv->head = head;
        for (size_t i = 0; i < csv->columns; i++)
                if (!head[i].size)
                        fail(r, line, "column %zu has no name", i + 1);
}

/* The rows under the head; as many cells in each as there are columns. */
static void read_rows(struct reader *r, struct csv *csv)
{
        size_t room = 0;
        struct text cells[CSV_MOST_COLUMNS];
        for (skip_lines(r); r->rest.size && !r->failed; skip_lines(r)) {
                int line = r->line;
                size_t count = read_record(r, cells);
                if (csv->rows == CSV_MOST_ROWS)
                        fail(r, line, "there are more than %d rows", CSV_MOST_ROWS);
                else if (count != csv->columns)
                        fail(r, line, "there are %zu cells where the head has %zu columns", count,
                             csv->columns);
                if (r->failed)
                        return;
                if (csv->rows == room) {
                        struct csv_row *more =
                                arena_array(r->arena, room = 2 * room + 64, sizeof *more);
                        if (csv->rows)
                                memcpy(more, csv->row, csv->rows * sizeof *more);
                        csv->row = more;
                }
                struct text *kept = arena_array(r->arena, count, sizeof *kept);
                memcpy(kept, cells, count * sizeof *kept);
                csv->row[csv->rows++] = (struct csv_row){ line, kept };
        }
}

/* The line of the first byte that is not UTF-8. */
static int line_of_fault(struct text data)
{
        int line = 1;
        while (data.size) {
                const char *end = memchr(data.at, '\n', data.size);
                size_t size = end ? (size_t)(end - data.at) + 1 : data.size;
                if (!text_is_utf8((struct text){ data.at, size }))
                        break;
                line += end != NULL;
                data.at += size;
                data.size -= size;
        }
        return line;
}

bool csv_read(struct text data, struct arena *arena, struct csv *csv, struct csv_fault *fault)
{
        struct reader r = { .line = 1, .arena = arena, .fault = fault };
        *csv = (struct csv){ 0 };
        if (text_starts(data, TEXT("\xef\xbb\xbf"))) {
                data.at += 3;
                data.size -= 3;
        }
        r.rest = data;
        if (data.size > CSV_MOST_BYTES)
                fail(&r, 1, "the file is larger than %zu MiB", CSV_MOST_BYTES >> 20);
        else if (!text_is_utf8(data))
                fail(&r, line_of_fault(data), "it is not UTF-8; save it as CSV UTF-8");
        if (!r.failed)
                read_head(&r, csv);
        if (!r.failed)
                read_rows(&r, csv);
        return !r.failed;
}
