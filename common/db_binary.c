/*
 * db_binary: numbers are big-endian two's complement, times count microseconds and dates days from
 * 2000-01-01, arrays have a head and a length before each element (source: PostgreSQL 15,
 * array_recv, timestamptz_recv, date_recv). Invariant: nothing is read outside the value's size.
 */
#include "common/db_binary.h"

#include "common/log.h"
#include <libpq-fe.h>
#include <string.h>

/* From 1970-01-01 to 2000-01-01. */
#define EPOCH_DAYS         10957
#define EPOCH_MICROSECONDS (EPOCH_DAYS * INT64_C(86400000000))

enum { ARRAY_HEAD = 20, MISFIT = 16 };

/* A type: its number, its element's if it is an array, and the bytes of a fixed-size value. */
static const struct layout {
        unsigned oid, element;
        int width;
} layouts[] = {
        [SQL_BIGINT] = { 20, 0, 8 },       [SQL_INT] = { 23, 0, 4 },
        [SQL_SMALLINT] = { 21, 0, 2 },     [SQL_BOOL] = { 16, 0, 1 },
        [SQL_TEXT] = { 25, 0, 0 },         [SQL_BYTEA] = { 17, 0, 0 },
        [SQL_TIME] = { 1184, 0, 8 },       [SQL_DATE] = { 1082, 0, 4 },
        [SQL_BIGINTS] = { 1016, 20, 8 },   [SQL_INTS] = { 1007, 23, 4 },
        [SQL_SMALLINTS] = { 1005, 21, 2 }, [SQL_TEXTS] = { 1009, 25, 0 },
        [SQL_BYTEAS] = { 1001, 17, 0 },
};

/* The server's number of a type. */
static unsigned oid_of(enum sql_type type)
{
        return layouts[type].oid;
}

/* Writes the lowest width bytes of a number. */
static void put(char *at, int64_t value, int width)
{
        for (int i = 0; i < width; i++)
                at[i] = (char)((uint64_t)value >> 8 * (width - 1 - i));
}

/* Reads a signed number of width bytes. */
static int64_t get(const char *at, int width)
{
        uint64_t value = width > 0 && (*at & 0x80) ? UINT64_MAX : 0;
        for (int i = 0; i < width; i++)
                value = value << 8 | (unsigned char)at[i];
        return (int64_t)value;
}

/* Whether a number fits the width. */
static bool fits(int64_t value, int width)
{
        return width == 8 ||
               (value >= -(INT64_C(1) << (8 * width - 1)) && value < INT64_C(1) << (8 * width - 1));
}

/* Encodes a number; what does not fit gets a size that no type has. */
static const char *encode_number(enum sql_type type, int64_t value, struct arena *arena, int *size)
{
        int width = layouts[type].width;
        bool bad =
                (type == SQL_TIME && __builtin_sub_overflow(value, EPOCH_MICROSECONDS, &value)) ||
                (type == SQL_DATE && __builtin_sub_overflow(value, (int64_t)EPOCH_DAYS, &value));
        char *at = arena_alloc(arena, MISFIT);
        *size = bad || !fits(value, width) ? MISFIT : width;
        if (*size == width)
                put(at, value, width);
        return at;
}

/* The head of an array of count elements; returns what follows it. */
static char *put_head(char *at, enum sql_type type, size_t count, bool has_null)
{
        put(at, count > 0, 4); /* dimensions */
        put(at + 4, has_null, 4);
        put(at + 8, layouts[type].element, 4);
        put(at + 12, (int64_t)count, 4);
        put(at + 16, 1, 4); /* lower bound */
        return at + (count > 0 ? ARRAY_HEAD : 12);
}

/* One element: its length, or -1 for NULL, and its bytes. */
static char *put_element(char *at, const char *bytes, int64_t size)
{
        put(at, size, 4);
        if (size > 0)
                memcpy(at + 4, bytes, (size_t)size);
        return at + 4 + (size > 0 ? size : 0);
}

/* Encodes an array of numbers. */
static const char *encode_ints(enum sql_type type, struct int_array ints, struct arena *arena,
                               int *size)
{
        int width = layouts[type].width;
        char *start = arena_raw(arena, ARRAY_HEAD + ints.count * (4 + MISFIT)), *at;
        bool has_null = false;
        for (size_t i = 0; i < ints.count; i++)
                has_null = has_null || ints.at[i] == DB_NULL;
        at = put_head(start, type, ints.count, has_null);
        for (size_t i = 0; i < ints.count; i++) {
                char bytes[MISFIT] = { 0 };
                bool good = fits(ints.at[i], width);
                if (good)
                        put(bytes, ints.at[i], width);
                at = put_element(at, bytes, ints.at[i] == DB_NULL ? -1 : good ? width : MISFIT);
        }
        *size = (int)(at - start);
        return start;
}

/* Encodes an array of texts or bytes. */
static const char *encode_texts(enum sql_type type, struct text_array texts, struct arena *arena,
                                int *size)
{
        size_t total = ARRAY_HEAD;
        bool has_null = false;
        for (size_t i = 0; i < texts.count; i++) {
                total += 4 + texts.at[i].size;
                has_null = has_null || !texts.at[i].at;
        }
        if (total > INT32_MAX)
                panic("an array of %zu bytes as a parameter", total);
        char *start = arena_raw(arena, total);
        char *at = put_head(start, type, texts.count, has_null);
        for (size_t i = 0; i < texts.count; i++)
                at = put_element(at, texts.at[i].at,
                                 texts.at[i].at ? (int64_t)texts.at[i].size : -1);
        *size = (int)(at - start);
        return start;
}

void db_encode(const struct statement *statement, const union param *params, struct arena *arena,
               struct db_values *out)
{
        if (statement->param_count > DB_VALUES)
                panic("%s has %zu parameters", statement->name, statement->param_count);
        for (size_t i = 0; i < statement->param_count; i++) {
                enum sql_type type = statement->param_types[i];
                const union param *p = &params[i];
                out->types[i] = layouts[type].oid;
                out->formats[i] = 1;
                out->sizes[i] = 0;
                if (type == SQL_TEXT || type == SQL_BYTEA) {
                        if (p->text.size > INT32_MAX)
                                panic("%s: a text of %zu bytes", statement->name, p->text.size);
                        out->values[i] = p->text.at;
                        out->sizes[i] = (int)p->text.size;
                } else if (type == SQL_TEXTS || type == SQL_BYTEAS) {
                        out->values[i] = encode_texts(type, p->texts, arena, &out->sizes[i]);
                } else if (layouts[type].element) {
                        out->values[i] = encode_ints(type, p->ints, arena, &out->sizes[i]);
                } else {
                        out->values[i] =
                                p->integer == DB_NULL
                                        ? NULL
                                        : encode_number(type, p->integer, arena, &out->sizes[i]);
                }
        }
}

/* The bytes of a value; no text if it is NULL or not there. */
static struct text value_at(const struct db_result *result, int64_t row, int column)
{
        PGresult *answer = result->handle;
        if (!answer || row < 0 || row >= PQntuples(answer) || column >= PQnfields(answer) ||
            PQgetisnull(answer, (int)row, column))
                return (struct text){ 0 };
        return (struct text){ PQgetvalue(answer, (int)row, column),
                              (size_t)PQgetlength(answer, (int)row, column) };
}

/* The layout of a column's type. */
static const struct layout *layout_of(const struct db_result *result, int column)
{
        Oid oid = PQftype(result->handle, column);
        for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
                if (layouts[i].oid == oid)
                        return &layouts[i];
        panic("column %d of an answer has type %u, which no statement may have", column, oid);
}

int64_t db_int(const struct db_result *result, int64_t row, int column)
{
        struct text value = value_at(result, row, column);
        if (!value.at)
                return DB_NULL;
        const struct layout *layout = layout_of(result, column);
        if (layout->width == 0 || layout->element || value.size != (size_t)layout->width)
                panic("column %d of an answer is no number", column);
        int64_t number = get(value.at, layout->width);
        if (layout->oid == oid_of(SQL_DATE))
                number += EPOCH_DAYS;
        if (layout->oid == oid_of(SQL_TIME) &&
            __builtin_add_overflow(number, EPOCH_MICROSECONDS, &number))
                number = INT64_MAX; /* infinity */
        return number;
}

struct text db_text(const struct db_result *result, int64_t row, int column)
{
        return value_at(result, row, column);
}

/* Reads an array's head off the value: how many elements follow. */
static size_t take_head(struct text *value, int column)
{
        if (!value->at || (value->size >= 12 && get(value->at, 4) == 0))
                return 0;
        int64_t count = value->size >= ARRAY_HEAD ? get(value->at + 12, 4) : -1;
        if (count < 0 || get(value->at, 4) != 1 || (size_t)count > value->size / 4)
                panic("column %d of an answer is no array of one dimension", column);
        value->at += ARRAY_HEAD;
        value->size -= ARRAY_HEAD;
        return (size_t)count;
}

/* Reads one element off the value; no text for NULL. */
static struct text take_element(struct text *value, int column)
{
        int64_t size = value->size >= 4 ? get(value->at, 4) : INT64_MAX;
        if (size > (int64_t)value->size - 4)
                panic("column %d of an answer is a damaged array", column);
        struct text element = { size < 0 ? NULL : value->at + 4, size < 0 ? 0 : (size_t)size };
        value->at += 4 + element.size;
        value->size -= 4 + element.size;
        return element;
}

struct int_array db_ints(const struct db_result *result, int64_t row, int column,
                         struct arena *arena)
{
        struct text value = value_at(result, row, column);
        size_t count = take_head(&value, column);
        int64_t *ints = arena_array(arena, count, sizeof *ints);
        for (size_t i = 0; i < count; i++) {
                struct text element = take_element(&value, column);
                if (element.size > 8)
                        panic("column %d of an answer is no array of numbers", column);
                ints[i] = element.at ? get(element.at, (int)element.size) : DB_NULL;
        }
        return (struct int_array){ ints, count };
}

struct text_array db_texts(const struct db_result *result, int64_t row, int column,
                           struct arena *arena)
{
        struct text value = value_at(result, row, column);
        size_t count = take_head(&value, column);
        struct text *texts = arena_array(arena, count, sizeof *texts);
        for (size_t i = 0; i < count; i++)
                texts[i] = arena_copy(arena, take_element(&value, column));
        return (struct text_array){ texts, count };
}
