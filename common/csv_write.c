/*
 * csv_write: a table as CSV, sized first and written into the arena in one piece.
 */
#include "common/csv.h"

#define MARK "\xef\xbb\xbf"

static bool needs_quotes(struct text cell)
{
        for (size_t i = 0; i < cell.size; i++)
                if (strchr(";\"\r\n", cell.at[i]))
                        return true;
        return false;
}

/* Writes a cell and what ends it; returns where the next one goes. */
static char *write_cell(char *at, struct text cell, char end)
{
        const bool quotes = needs_quotes(cell);
        if (quotes)
                *at++ = '"';
        for (size_t i = 0; i < cell.size; i++) {
                if (cell.at[i] == '"')
                        *at++ = '"';
                *at++ = cell.at[i];
        }
        if (quotes)
                *at++ = '"';
        *at++ = end;
        return at;
}

struct text csv_write(struct arena *arena, const struct text *head, size_t columns,
                      const struct text *cells, size_t rows)
{
        size_t most = sizeof MARK;
        for (size_t i = 0; i < columns + rows * columns; i++)
                most += 3 + 2 * (i < columns ? head[i] : cells[i - columns]).size;
        char *whole = arena_raw(arena, most), *at = whole;
        memcpy(at, MARK, sizeof MARK - 1);
        at += sizeof MARK - 1;
        for (size_t i = 0; i < columns + rows * columns; i++)
                at = write_cell(at, i < columns ? head[i] : cells[i - columns],
                                (i + 1) % columns ? ';' : '\n');
        return (struct text){ whole, (size_t)(at - whole) };
}
