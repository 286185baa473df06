/*
 * codec_read: MessagePack into structs, in one pass, without copies and without allocation but for
 * lists. The input is a peer's: each count it declares is held against the bytes that remain before
 * anything is done with it, nesting is bounded, and the first error sticks (a reader that failed
 * stands at its end). Source: the MessagePack specification, formats 0x00 to 0xff.
 */
#include "common/codec.h"
#include "common/log.h"
#include <string.h>

enum { DEEPEST = 8, NOTHING = 256 }; /* NOTHING: no byte */

struct reader {
        const unsigned char *at, *end;
        struct arena *arena;
        struct fault *fault;
        bool failed;
};

enum kind { BAD, OPAQUE, UNSIGNED, SIGNED, STRING, BINARY, ARRAY, MAP };

/* What one value begins with: number is the value itself, or how many bytes or items follow. */
struct token {
        enum kind kind;
        uint64_t number;
};

/* clang-format off */
/* The formats 0xc0 to 0xdf: big-endian width of the number, and how many bytes follow beyond it. */
static const struct form {
        enum kind kind;
        unsigned width, more;
} forms[32] = {
        { OPAQUE, 0, 0 }, { BAD, 0, 0 }, { OPAQUE, 0, 0 }, { OPAQUE, 0, 0 },       /* nil, -, false, true */
        { BINARY, 1, 0 }, { BINARY, 2, 0 }, { BINARY, 4, 0 },                      /* bin 8 16 32 */
        { OPAQUE, 1, 1 }, { OPAQUE, 2, 1 }, { OPAQUE, 4, 1 },                      /* ext 8 16 32 */
        { OPAQUE, 0, 4 }, { OPAQUE, 0, 8 },                                        /* float 32 64 */
        { UNSIGNED, 1, 0 }, { UNSIGNED, 2, 0 }, { UNSIGNED, 4, 0 }, { UNSIGNED, 8, 0 },
        { SIGNED, 1, 0 }, { SIGNED, 2, 0 }, { SIGNED, 4, 0 }, { SIGNED, 8, 0 },
        { OPAQUE, 0, 2 }, { OPAQUE, 0, 3 }, { OPAQUE, 0, 5 }, { OPAQUE, 0, 9 }, { OPAQUE, 0, 17 },
        { STRING, 1, 0 }, { STRING, 2, 0 }, { STRING, 4, 0 },
        { ARRAY, 2, 0 }, { ARRAY, 4, 0 }, { MAP, 2, 0 }, { MAP, 4, 0 },
};
/* clang-format on */

/* Nothing remains to be read after an error. */
static void stop(struct reader *reader)
{
        reader->failed = true;
        reader->at = reader->end;
}

/* The first error sticks. */
static void fail(struct reader *reader, const char *what, const char *field)
{
        if (!reader->failed) {
                fault_set(reader->fault, "%s%s%s", field ? field : "", field ? ": " : "", what);
                stop(reader);
        }
}

/* Bytes not yet read. */
static size_t remaining(const struct reader *reader)
{
        return (size_t)(reader->end - reader->at);
}

/* A number of width bytes, big-endian. */
static uint64_t take_number(struct reader *reader, unsigned width, const char *field)
{
        if (remaining(reader) < width) {
                fail(reader, "cut short", field);
                return 0;
        }
        uint64_t number = 0;
        for (unsigned i = 0; i < width; i++)
                number = number << 8 | *reader->at++;
        return number;
}

/* Extends the sign of a number of width bytes. */
static uint64_t extend_sign(uint64_t number, unsigned width)
{
        switch (width) {
        case 1:
                return (uint64_t)(int8_t)number;
        case 2:
                return (uint64_t)(int16_t)number;
        case 4:
                return (uint64_t)(int32_t)number;
        default:
                return number;
        }
}

/* The token for a byte that holds kind and number in itself. */
static struct token short_token(unsigned byte)
{
        if (byte < 0x80)
                return (struct token){ UNSIGNED, byte };
        if (byte == NOTHING)
                return (struct token){ BAD, 0 };
        if (byte >= 0xe0)
                return (struct token){ SIGNED, extend_sign(byte, 1) };
        if (byte >= 0xa0)
                return (struct token){ STRING, byte & 0x1f };
        return (struct token){ byte < 0x90 ? MAP : ARRAY, byte & 0x0f };
}

/* The token for a byte that is followed by a number of its own. */
static struct token long_token(struct reader *reader, unsigned byte, const char *field)
{
        const struct form *form = &forms[byte - 0xc0];
        struct token token = { form->kind, take_number(reader, form->width, field) };
        if (form->kind == SIGNED)
                token.number = extend_sign(token.number, form->width);
        token.number += form->more;
        return token;
}

/* The next value's beginning. What it says follows is known to fit into the bytes that remain. */
static struct token take_token(struct reader *reader, const char *field)
{
        unsigned byte = reader->at < reader->end ? *reader->at++ : NOTHING;
        struct token token =
                byte < 0xc0 || byte >= 0xe0 ? short_token(byte) : long_token(reader, byte, field);
        if (reader->failed || token.kind == BAD) {
                fail(reader, byte == NOTHING ? "cut short" : "not MessagePack", field);
                return (struct token){ BAD, 0 };
        }
        if (token.kind == SIGNED || token.kind == UNSIGNED)
                return token;
        if (token.number > remaining(reader) / (token.kind == MAP ? 2 : 1)) {
                fail(reader, "cut short", field);
                return (struct token){ BAD, 0 };
        }
        return token;
}

/* Steps over a value of any kind. */
static void skip(struct reader *reader, int depth)
{
        struct token token = take_token(reader, NULL);
        if (depth > DEEPEST) {
                fail(reader, "nested too deep", NULL);
        } else if (token.kind == ARRAY || token.kind == MAP) {
                uint64_t values = token.kind == MAP ? 2 * token.number : token.number;
                for (uint64_t i = 0; i < values && !reader->failed; i++)
                        skip(reader, depth + 1);
        } else if (token.kind != UNSIGNED && token.kind != SIGNED) {
                reader->at += token.number;
        }
}

/* A string or byte string; its bytes stay where they are. */
static struct text take_text(struct reader *reader, enum kind kind, const char *field)
{
        struct token token = take_token(reader, field);
        if (token.kind != kind) {
                fail(reader, kind == STRING ? "not a string" : "not a byte string", field);
                return (struct text){ 0 };
        }
        struct text text = { (const char *)reader->at, token.number };
        reader->at += token.number;
        return text;
}

/* A whole number that fits 64 bits with sign. */
static int64_t take_int(struct reader *reader, const char *field)
{
        struct token token = take_token(reader, field);
        if (token.kind != UNSIGNED && token.kind != SIGNED)
                fail(reader, "not a whole number", field);
        else if (token.kind == UNSIGNED && token.number > INT64_MAX)
                fail(reader, "too great a number", field);
        return (int64_t)token.number;
}

static void take_record(struct reader *reader, const struct record *record, char *value);

/* A list of records, in the arena. */
static struct list take_list(struct reader *reader, const struct field *field)
{
        struct token token = take_token(reader, field->name);
        if (token.kind != ARRAY || token.number > (uint64_t)field->most ||
            token.number < (uint64_t)field->least) {
                fail(reader, token.kind == ARRAY ? "too many or too few" : "not a list",
                     field->name);
                return (struct list){ 0 };
        }
        const struct record *items = field->items();
        char *at = arena_array(reader->arena, token.number, items->size);
        for (uint64_t i = 0; i < token.number; i++) {
                take_record(reader, items, at + i * items->size);
                if (reader->failed) {
                        fault_within(reader->fault, field, i);
                        return (struct list){ 0 };
                }
        }
        return (struct list){ at, token.number };
}

/* One field's value, within its bounds. */
static void take_field(struct reader *reader, const struct field *field, void *member)
{
        switch (field->kind) {
        case FIELD_INT:
                *(int64_t *)member = take_int(reader, field->name);
                break;
        case FIELD_CODE:
        case FIELD_TEXT:
                *(struct text *)member = take_text(reader, STRING, field->name);
                break;
        case FIELD_BYTES:
                *(struct text *)member = take_text(reader, BINARY, field->name);
                break;
        case FIELD_LIST:
                *(struct list *)member = take_list(reader, field);
                return; /* its count and items were checked on the way */
        }
        if (!reader->failed && !field_check(field, member, reader->fault))
                stop(reader);
}

/* Whether the field's key comes next, as a packer of ours writes it: then it is taken. */
static bool take_key(struct reader *reader, const struct field *field)
{
        size_t size = field->name_size;
        bool next = size < 32 && remaining(reader) > size && *reader->at == (0xa0 | size) &&
                    memcmp(reader->at + 1, field->name, size) == 0;
        if (next)
                reader->at += 1 + size;
        return next;
}

/* Which field comes next: most often the one after the last. field_count: none that we know. */
static size_t take_any_key(struct reader *reader, const struct record *record, size_t guess)
{
        if (guess < record->field_count && take_key(reader, &record->fields[guess]))
                return guess;
        struct text key = take_text(reader, STRING, NULL);
        size_t i = 0;
        while (i < record->field_count &&
               !text_equal((struct text){ record->fields[i].name, record->fields[i].name_size },
                           key))
                i++;
        return i;
}

/* A field that is missing is zero or empty: within its bounds or not. */
static void check_missing(struct reader *reader, const struct record *record, const char *value,
                          uint64_t seen)
{
        for (size_t i = 0; i < record->field_count && !reader->failed; i++) {
                const struct field *field = &record->fields[i];
                if (!(seen & UINT64_C(1) << i) &&
                    !field_check(field, value + field->offset, reader->fault))
                        stop(reader);
        }
}

/* A map by field name, in any order; no field twice, unknown keys skipped, all within bounds. */
static void take_record(struct reader *reader, const struct record *record, char *value)
{
        struct token token = take_token(reader, NULL);
        if (token.kind != MAP)
                fail(reader, "not a map", NULL);
        uint64_t seen = 0;
        for (uint64_t n = 0, next = 0; n < token.number && !reader->failed; n++) {
                size_t i = take_any_key(reader, record, next);
                if (reader->failed)
                        return;
                if (i == record->field_count) {
                        skip(reader, 1);
                        continue;
                }
                if (seen & UINT64_C(1) << i) {
                        fail(reader, "given twice", record->fields[i].name);
                        return;
                }
                seen |= UINT64_C(1) << i;
                take_field(reader, &record->fields[i], value + record->fields[i].offset);
                next = i + 1;
        }
        check_missing(reader, record, value, seen);
}

/* Fills value from a MessagePack map. */
bool codec_unpack(const struct record *record, struct text data, struct arena *arena, void *value,
                  struct fault *fault)
{
        const unsigned char *at = (const unsigned char *)(data.at ? data.at : "");
        struct reader reader = { at, at + data.size, arena, fault, false };
        memset(value, 0, record->size);
        take_record(&reader, record, value);
        if (!reader.failed && reader.at != reader.end)
                fail(&reader, "more bytes after the map", NULL);
        return !reader.failed;
}
