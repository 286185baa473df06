/*
 * statements_parse: one pass over the file with a line count and a sticky first fault. The head is
 * read as words; the SQL is copied with its quotes, dollar quotes and casts untouched and :params
 * replaced.
 */
#include "schemas/statements_parse.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct statement_type types[] = {
        { "bigint", "int8", "SQL_BIGINT", "int64_t", "integer" },
        { "int", "int4", "SQL_INT", "int64_t", "integer" },
        { "smallint", "int2", "SQL_SMALLINT", "int64_t", "integer" },
        { "bool", "bool", "SQL_BOOL", "bool", "integer" },
        { "text", "text", "SQL_TEXT", "struct text", "text" },
        { "bytea", "bytea", "SQL_BYTEA", "struct text", "text" },
        { "time", "timestamptz", "SQL_TIME", "int64_t", "integer" },
        { "date", "date", "SQL_DATE", "int64_t", "integer" },
        { "bigint[]", "_int8", "SQL_BIGINTS", "struct int_array", "ints" },
        { "int[]", "_int4", "SQL_INTS", "struct int_array", "ints" },
        { "smallint[]", "_int2", "SQL_SMALLINTS", "struct int_array", "ints" },
        { "text[]", "_text", "SQL_TEXTS", "struct text_array", "texts" },
        { "bytea[]", "_bytea", "SQL_BYTEAS", "struct text_array", "texts" },
};

/* Words that C keeps for itself, and the generated functions' first parameter. */
static const char *const reserved[] = {
        "auto",    "bool",   "break",    "case",   "char",     "const",    "continue", "default",
        "do",      "double", "else",     "enum",   "extern",   "false",    "float",    "for",
        "goto",    "if",     "inline",   "int",    "long",     "register", "restrict", "return",
        "short",   "signed", "sizeof",   "static", "struct",   "switch",   "true",     "tx",
        "typedef", "union",  "unsigned", "void",   "volatile", "while"
};

struct reader {
        const char *at, *end;
        const char *start;
        int line;
        struct statement_fault *fault;
        bool failed;
};

/* A growing text, always with a NUL behind it once something was added. */
struct output {
        char *at;
        size_t size, capacity;
};

/* Keeps the first fault. */
static void __attribute__((format(printf, 3, 4)))
fail(struct reader *r, int line, const char *format, ...)
{
        if (r->failed)
                return;
        r->failed = true;
        r->fault->line = line;
        va_list args;
        va_start(args, format);
        vsnprintf(r->fault->reason, sizeof r->fault->reason, format, args);
        va_end(args);
}

/* Appends bytes; out of memory ends the program. */
static void add(struct output *out, const char *bytes, size_t size)
{
        if (out->size + size + 1 > out->capacity) {
                out->capacity = 2 * (out->size + size) + 64;
                out->at = realloc(out->at, out->capacity);
                if (!out->at)
                        abort();
        }
        memcpy(out->at + out->size, bytes, size);
        out->size += size;
        out->at[out->size] = '\0';
}

static bool is_word(char c)
{
        return isalnum((unsigned char)c) || c == '_';
}

/* The character at a distance from here; NUL outside the file. */
static char peek(const struct reader *r, ptrdiff_t distance)
{
        ptrdiff_t here = r->at - r->start, whole = r->end - r->start;
        return here + distance >= 0 && here + distance < whole ? r->start[here + distance] : '\0';
}

static bool starts(const struct reader *r, const char *prefix)
{
        size_t size = strlen(prefix);
        return (size_t)(r->end - r->at) >= size && memcmp(r->at, prefix, size) == 0;
}

/* One character further; into out unless it is NULL. */
static void step(struct reader *r, struct output *out)
{
        if (r->at == r->end)
                return;
        if (*r->at == '\n')
                r->line++;
        if (out)
                add(out, r->at, 1);
        r->at++;
}

/* Over spaces in a head, which goes on over comment lines. */
static void skip_spaces(struct reader *r)
{
        while (r->at < r->end && (*r->at == ' ' || *r->at == '\t'))
                r->at++;
}

/* Over spaces and, inside parentheses, on to the next comment line. */
static void skip_lines(struct reader *r)
{
        skip_spaces(r);
        while (r->at < r->end && (*r->at == '\n' || *r->at == '\r')) {
                step(r, NULL);
                if (peek(r, 0) == '\n')
                        step(r, NULL);
                if (!starts(r, "--")) {
                        fail(r, r->line, "the head of a statement ends too early");
                        return;
                }
                r->at += 2;
                skip_spaces(r);
        }
}

/* Reads a lower-case name into name. */
static void read_name(struct reader *r, char *name, const char *what)
{
        size_t size = 0;
        skip_lines(r);
        while (r->at + size < r->end && is_word(r->at[size]))
                size++;
        if (r->failed || size == 0 || size >= STATEMENTS_NAME || !islower((unsigned char)*r->at)) {
                fail(r, r->line, "expected %s: lower-case letters, digits and _", what);
                return;
        }
        memcpy(name, r->at, size);
        name[size] = '\0';
        for (size_t i = 0; i < size; i++)
                if (isupper((unsigned char)name[i]))
                        fail(r, r->line, "%s: names are in lower case", name);
        if (name[size - 1] == '_')
                fail(r, r->line, "%s: a name does not end with _", name);
        for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
                if (strcmp(reserved[i], name) == 0)
                        fail(r, r->line, "%s is a word of C: take another name", name);
        r->at += size;
}

/* Takes the sign, or says what stands there instead. */
static void expect(struct reader *r, const char *sign, const char *after)
{
        skip_lines(r);
        if (starts(r, sign))
                r->at += strlen(sign);
        else
                fail(r, r->line, "expected %s after %s", sign, after);
}

/* Reads a type. */
static const struct statement_type *read_type(struct reader *r, const char *of)
{
        size_t size = 0;
        skip_lines(r);
        while (r->at + size < r->end &&
               (is_word(r->at[size]) || r->at[size] == '[' || r->at[size] == ']'))
                size++;
        for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
                if (strlen(types[i].sql) == size && memcmp(types[i].sql, r->at, size) == 0) {
                        r->at += size;
                        return &types[i];
                }
        }
        fail(r, r->line, "%s: unknown type \"%.*s\"", of, (int)(size < 40 ? size : 40), r->at);
        return NULL;
}

/* Reads "(name type, ...)". */
static size_t read_values(struct reader *r, struct statement_value *values, const char *what)
{
        size_t count = 0;
        expect(r, "(", what);
        skip_lines(r);
        if (starts(r, ")")) {
                r->at++;
                return 0;
        }
        while (!r->failed) {
                if (count == STATEMENTS_VALUES) {
                        fail(r, r->line, "more than %d of them", STATEMENTS_VALUES);
                        break;
                }
                read_name(r, values[count].name, what);
                if (!r->failed)
                        values[count].type = read_type(r, values[count].name);
                for (size_t i = 0; i < count && !r->failed; i++)
                        if (strcmp(values[i].name, values[count].name) == 0)
                                fail(r, r->line, "%s stands twice", values[i].name);
                count++;
                skip_lines(r);
                if (starts(r, ")")) {
                        r->at++;
                        break;
                }
                expect(r, ",", "a type");
        }
        return count;
}

/* Reads "-- NAME (params) -> answer (columns)" to the end of its line. */
static void read_head(struct reader *r, struct parsed_statement *s)
{
        s->line = r->line;
        r->at += 2;
        read_name(r, s->name, "the statement's name");
        s->param_count = read_values(r, s->params, "a parameter's name");
        expect(r, "->", "the parameters");
        char answer[STATEMENTS_NAME] = "";
        read_name(r, answer, "many, one or none");
        if (r->failed)
                return;
        if (strcmp(answer, "none") == 0) {
                s->answer = ANSWER_NONE;
        } else if (strcmp(answer, "one") == 0 || strcmp(answer, "many") == 0) {
                s->answer = *answer == 'o' ? ANSWER_ONE : ANSWER_MANY;
                s->column_count = read_values(r, s->columns, "a column's name");
                if (s->column_count == 0)
                        fail(r, r->line, "%s: %s without columns; write none", s->name, answer);
        } else {
                fail(r, r->line, "%s: expected many, one or none, not %s", s->name, answer);
        }
        skip_spaces(r);
        if (r->at < r->end && *r->at != '\n' && *r->at != '\r')
                fail(r, r->line, "%s: something follows the head on its line", s->name);
        while (r->at < r->end && (*r->at == '\n' || *r->at == '\r'))
                step(r, NULL);
}

/* Takes the rest of a comment line, without its dashes, into out (may be NULL). */
static void read_comment_line(struct reader *r, struct output *out)
{
        r->at += 2;
        if (peek(r, 0) == ' ')
                r->at++;
        while (r->at < r->end && *r->at != '\n') {
                bool ends = starts(r, "*/"); /* would end the C comment */
                step(r, *r->at == '\r' ? NULL : out);
                if (ends && out)
                        add(out, " ", 1);
        }
        step(r, out);
}

/* Copies a quoted piece up to its end; backslashes count in E'...'. */
static void copy_quoted(struct reader *r, struct output *out, char quote, bool backslashes)
{
        int line = r->line;
        step(r, out);
        while (r->at < r->end && *r->at != quote) {
                if (backslashes && *r->at == '\\')
                        step(r, out);
                step(r, out);
        }
        if (r->at == r->end)
                fail(r, line, "a quotation is never closed");
        step(r, out);
}

/* Copies $tag$ ... $tag$. False if no dollar quote begins here. */
static bool copy_dollars(struct reader *r, struct output *out)
{
        size_t size = 1;
        while (r->at + size < r->end && is_word(r->at[size]))
                size++;
        if (r->at + size == r->end || r->at[size] != '$' || isdigit((unsigned char)r->at[1]))
                return false;
        size++;
        const char *tag = r->at;
        int line = r->line;
        for (size_t i = 0; i < size; i++)
                step(r, out);
        while (r->at < r->end && ((size_t)(r->end - r->at) < size || memcmp(r->at, tag, size) != 0))
                step(r, out);
        if (r->at == r->end)
                fail(r, line, "a dollar quotation is never closed");
        for (size_t i = 0; i < size; i++)
                step(r, out);
        return true;
}

/* Over a comment of slash and star; they nest. */
static void skip_block(struct reader *r)
{
        int depth = 0, line = r->line;
        do {
                if (starts(r, "/*") || starts(r, "*/")) {
                        depth += *r->at == '/' ? 1 : -1;
                        r->at++;
                }
                step(r, NULL);
        } while (depth > 0 && r->at < r->end);
        if (depth > 0)
                fail(r, line, "a comment is never closed");
}

/* Replaces :name by its number. */
static void copy_param(struct reader *r, struct output *out, const struct parsed_statement *s,
                       bool *used)
{
        size_t size = 0;
        r->at++;
        while (r->at + size < r->end && is_word(r->at[size]))
                size++;
        for (size_t i = 0; i < s->param_count; i++) {
                if (strlen(s->params[i].name) == size &&
                    memcmp(s->params[i].name, r->at, size) == 0) {
                        char number[16];
                        int length = snprintf(number, sizeof number, "$%zu", i + 1);
                        add(out, number, (size_t)length);
                        used[i] = true;
                        r->at += size;
                        return;
                }
        }
        fail(r, r->line, "%s: unknown parameter :%.*s", s->name, (int)(size < 40 ? size : 40),
             r->at);
}

/* Copies one piece of SQL: a quotation, a parameter, a cast or a character. */
static void copy_piece(struct reader *r, struct output *out, const struct parsed_statement *s,
                       bool *used)
{
        char c = *r->at, before = peek(r, -1);
        bool escapes = (before == 'e' || before == 'E') && !is_word(peek(r, -2));
        if (c == '\'' || c == '"') {
                copy_quoted(r, out, c, c == '\'' && escapes);
        } else if (starts(r, "--")) {
                while (r->at < r->end && *r->at != '\n')
                        r->at++;
        } else if (starts(r, "/*")) {
                skip_block(r);
                add(out, " ", 1);
        } else if (c == '$' && !is_word(before)) {
                if (!copy_dollars(r, out))
                        fail(r, r->line, "%s: parameters are written :name", s->name);
        } else if (starts(r, "::")) {
                step(r, out);
                step(r, out);
        } else if (c == ':' && (isalpha((unsigned char)peek(r, 1)) || peek(r, 1) == '_')) {
                copy_param(r, out, s, used);
        } else if (c == '\0') {
                fail(r, r->line, "%s: a NUL byte", s->name);
        } else {
                step(r, c == '\r' ? NULL : out);
        }
}

/* Reads SQL up to the semicolon that ends it. */
static void read_sql(struct reader *r, struct parsed_statement *s)
{
        struct output out = { 0 };
        bool used[STATEMENTS_VALUES] = { false };
        add(&out, "", 0);
        while (!r->failed && r->at < r->end && *r->at != ';') {
                copy_piece(r, &out, s, used);
                if (out.size > STATEMENTS_SQL)
                        fail(r, s->line, "%s: longer than %d bytes", s->name, STATEMENTS_SQL);
        }
        if (r->at == r->end)
                fail(r, s->line, "%s: no ; ends it", s->name);
        r->at += r->at < r->end;
        skip_spaces(r);
        if (r->at < r->end && *r->at != '\n' && *r->at != '\r')
                fail(r, r->line, "%s: something follows its ; on the line", s->name);
        for (size_t i = 0; i < s->param_count; i++)
                if (!used[i])
                        fail(r, s->line, "%s: parameter %s is never used", s->name,
                             s->params[i].name);
        while (out.size > 0 && isspace((unsigned char)out.at[out.size - 1]))
                out.at[--out.size] = '\0';
        if (out.size == 0)
                fail(r, s->line, "%s: there is no SQL", s->name);
        s->sql = out.at;
}

/* Whether a statement's head begins here: "-- name (". */
static bool is_head(const struct reader *r)
{
        const char *at = r->at + 2;
        while (at < r->end && *at == ' ')
                at++;
        const char *name = at;
        while (at < r->end && is_word(*at))
                at++;
        if (at == name)
                return false;
        while (at < r->end && *at == ' ')
                at++;
        return at < r->end && *at == '(';
}

/* Over a comment of the file's own: an empty line or the file's end must follow. */
static void skip_comment(struct reader *r)
{
        int line = r->line;
        while (starts(r, "--"))
                read_comment_line(r, NULL);
        if (r->at < r->end && *r->at != '\n' && *r->at != '\r')
                fail(r, line,
                     "expected \"-- NAME (parameters) -> many|one|none (columns)\" before SQL");
}

/* Reads one statement and takes it into the list. */
static void read_statement(struct reader *r, struct parsed_statements *out)
{
        out->list = realloc(out->list, (out->count + 1) * sizeof *out->list);
        if (!out->list)
                abort();
        struct parsed_statement *s = &out->list[out->count++];
        memset(s, 0, sizeof *s);
        read_head(r, s);
        struct output comment = { 0 };
        add(&comment, "", 0);
        while (!r->failed && starts(r, "--"))
                read_comment_line(r, &comment);
        s->comment = comment.at;
        for (size_t i = 0; i + 1 < out->count; i++)
                if (strcmp(out->list[i].name, s->name) == 0)
                        fail(r, s->line, "%s stands twice, first in line %d", s->name,
                             out->list[i].line);
        if (!r->failed)
                read_sql(r, s);
}

bool statements_parse(const char *source, size_t size, struct parsed_statements *out,
                      struct statement_fault *fault)
{
        struct reader r = { source, source + size, source, 1, fault, false };
        *out = (struct parsed_statements){ 0 };
        if (size > STATEMENTS_FILE)
                fail(&r, 1, "the file is larger than %d bytes", STATEMENTS_FILE);
        while (!r.failed && r.at < r.end) {
                if (isspace((unsigned char)*r.at))
                        step(&r, NULL);
                else if (starts(&r, "--") && is_head(&r))
                        read_statement(&r, out);
                else
                        skip_comment(&r);
        }
        if (r.failed)
                statements_clear(out);
        return !r.failed;
}

void statements_clear(struct parsed_statements *statements)
{
        for (size_t i = 0; i < statements->count; i++) {
                free(statements->list[i].comment);
                free(statements->list[i].sql);
        }
        free(statements->list);
        *statements = (struct parsed_statements){ 0 };
}
