/*
 * print: what commands show: tables for people, one JSON object a line for programs. Standard
 * output only; what goes wrong is said on standard error (ctl_fail).
 */
#include "workers/ctl/ctl.h"

#include "common/day.h"
#include "common/log.h"
#include <stdio.h>
#include <wchar.h>

void ctl_json(json_t *document)
{
        if (!document || json_dumpf(document, stdout, JSON_COMPACT | JSON_REAL_PRECISION(10)) != 0)
                panic("a document could not be printed");
        fputc('\n', stdout);
        json_decref(document);
}

json_t *ctl_text(struct text t)
{
        return t.at ? json_stringn(t.at, t.size) : json_null();
}

json_t *ctl_time(struct ctl *ctl, int64_t time)
{
        return time == DB_NULL ? json_null() : ctl_text(time_iso(ctl->arena, time));
}

/* Columns that the text takes on a terminal. */
static size_t width_of(struct text t)
{
        size_t width = 0;
        mbstate_t state = { 0 };
        while (t.size > 0) {
                wchar_t letter;
                size_t bytes = mbrtowc(&letter, t.at, t.size, &state);
                if (bytes == 0 || bytes > t.size)
                        return width + t.size;
                int columns = wcwidth(letter);
                width += columns > 0 ? (size_t)columns : 0;
                t.at += bytes;
                t.size -= bytes;
        }
        return width;
}

/* One line; the last column is not padded. */
static void print_row(const struct text *cells, const size_t *widths, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                fwrite(cells[i].at ? cells[i].at : "", 1, cells[i].size, stdout);
                if (i + 1 < count)
                        printf("%*s", (int)(widths[i] - width_of(cells[i]) + 2), "");
        }
        fputc('\n', stdout);
}

void ctl_table(const char *const *heads, size_t count, const struct text *cells, size_t rows)
{
        struct arena *arena = arena_new();
        struct text *names = arena_array(arena, count, sizeof *names);
        size_t *widths = arena_array(arena, count, sizeof *widths);
        for (size_t i = 0; i < count; i++) {
                names[i] = text_of(heads[i]);
                widths[i] = width_of(names[i]);
                for (size_t row = 0; row < rows; row++) {
                        size_t width = width_of(cells[row * count + i]);
                        widths[i] = width > widths[i] ? width : widths[i];
                }
        }
        print_row(names, widths, count);
        for (size_t row = 0; row < rows; row++)
                print_row(cells + row * count, widths, count);
        arena_destroy(&arena);
}
