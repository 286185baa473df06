/*
 * csv: reads tables that people keep in spreadsheets (RFC 4180, and what spreadsheets make of it):
 * UTF-8 with or without a byte order mark, semicolon, comma or tab (the head line tells), quotes,
 * quoted line ends, LF or CRLF. Empty lines, and lines that begin with #, are skipped. Input is
 * hostile: every size is bounded. Texts live in the arena.
 */
#pragma once

#include "common/arena.h"

#define CSV_MOST_BYTES   ((size_t)16 << 20)
#define CSV_MOST_COLUMNS 64
#define CSV_MOST_ROWS    100000
#define CSV_MOST_CELL    10000

struct csv_row {
        int line;                /* where it begins in the file, from 1 */
        const struct text *cell; /* as many as there are columns */
};

struct csv {
        size_t columns, rows;
        const struct text *head;
        struct csv_row *row;
};

/* What is wrong, for a person. */
struct csv_fault {
        int line;
        char reason[200];
};

/* False: fault says where and what. */
bool csv_read(struct text data, struct arena *arena, struct csv *csv, struct csv_fault *fault);

/*
 * The table as spreadsheets of Norwegian offices take it: UTF-8 with its mark, semicolons, quotes
 * where they must be. Decimal commas are the caller's.
 */
struct text csv_write(struct arena *arena, const struct text *head, size_t columns,
                      const struct text *cells, size_t rows);
