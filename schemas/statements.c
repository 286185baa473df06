/*
 * statements: turns FILE.sql into FILE_sql.h and FILE_sql.c: a typed C function for each named
 * statement. statements FILE.sql HEADER SOURCE Faults go to standard error as FILE:LINE: and
 * nothing is written. The same input gives the same output.
 */
#include "schemas/statements_parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads the whole file; NULL (said) if it cannot. */
static char *read_file(const char *path, size_t *size)
{
        FILE *file = fopen(path, "rb");
        char *bytes = malloc(STATEMENTS_FILE + 1);
        if (!file || !bytes) {
                fprintf(stderr, "%s: %s\n", path, strerror(errno));
                free(bytes);
                if (file)
                        fclose(file);
                return NULL;
        }
        *size = fread(bytes, 1, STATEMENTS_FILE + 1, file);
        fclose(file);
        return bytes;
}

/* "struct tx *tx, int64_t a, struct text b" */
static void write_parameters(FILE *out, const struct parsed_statement *s)
{
        fputs("struct tx *tx", out);
        for (size_t i = 0; i < s->param_count; i++)
                fprintf(out, ", %s %s", s->params[i].type->c, s->params[i].name);
        if (s->answer == ANSWER_ONE)
                fprintf(out, ", struct %s *row_", s->name);
}

/* The function's head, without semicolon. */
static void write_prototype(FILE *out, const struct parsed_statement *s)
{
        if (s->answer == ANSWER_MANY)
                fprintf(out, "struct %s_rows %s(", s->name, s->name);
        else
                fprintf(out, "%s %s(", s->answer == ANSWER_ONE ? "bool" : "int64_t", s->name);
        write_parameters(out, s);
        fputs(")", out);
}

/* The head of the function that reads one row of an answer. */
static void write_reader_prototype(FILE *out, const struct parsed_statement *s)
{
        fprintf(out,
                "void %s_row(const struct db_result *result, int64_t number, struct arena *arena, "
                "struct %s *row)",
                s->name, s->name);
}

/* Where it comes from, and its comment. */
static void write_comment(FILE *out, const char *path, const struct parsed_statement *s)
{
        fprintf(out, "\n/* %s:%d", path, s->line);
        for (const char *line = s->comment; *line;) {
                size_t size = strcspn(line, "\n");
                fprintf(out, "\n * %.*s", (int)size, line);
                line += size + (line[size] == '\n');
        }
        fputs(" */\n", out);
}

/* What callers see of one statement. */
static void write_declarations(FILE *out, const char *path, const struct parsed_statement *s)
{
        write_comment(out, path, s);
        if (s->answer != ANSWER_NONE) {
                fprintf(out, "struct %s {\n", s->name);
                for (size_t i = 0; i < s->column_count; i++)
                        fprintf(out, "        %s %s;\n", s->columns[i].type->c, s->columns[i].name);
                fputs("};\n", out);
        }
        if (s->answer == ANSWER_MANY)
                fprintf(out,
                        "struct %s_rows {\n        size_t count;\n        struct %s *row;\n};\n",
                        s->name, s->name);
        write_prototype(out, s);
        fputs(";\n", out);
        if (s->answer != ANSWER_NONE) {
                write_reader_prototype(out, s);
                fputs(";\n", out);
        }
        fprintf(out, "extern const struct statement %s_statement;\n", s->name);
}

/* The SQL as C literals, a line each. */
static void write_sql(FILE *out, const char *sql)
{
        bool open = false;
        for (const char *c = sql; *c; c++) {
                if (!open)
                        fputs("\n            \"", out);
                open = *c != '\n';
                if (*c == '\n') {
                        fputs("\\n\"", out);
                } else {
                        if (*c == '"' || *c == '\\' || (*c == '?' && c[1] == '?'))
                                fputc('\\', out);
                        fputc(*c, out);
                }
        }
        fputs(open ? "\"" : "", out);
}

/* A table of types, if there are any. */
static void write_types(FILE *out, const char *name, const char *what,
                        const struct statement_value *values, size_t count)
{
        if (count == 0)
                return;
        fprintf(out, "static const enum sql_type %s_%s[] = { ", name, what);
        for (size_t i = 0; i < count; i++)
                fprintf(out, "%s%s", i ? ", " : "", values[i].type->constant);
        fputs(" };\n", out);
}

/* The statement itself and its tables. */
static void write_statement(FILE *out, const struct parsed_statement *s)
{
        write_types(out, s->name, "param_types", s->params, s->param_count);
        write_types(out, s->name, "column_types", s->columns, s->column_count);
        if (s->column_count) {
                fprintf(out, "static const char *const %s_column_names[] = { ", s->name);
                for (size_t i = 0; i < s->column_count; i++)
                        fprintf(out, "%s\"%s\"", i ? ", " : "", s->columns[i].name);
                fputs(" };\n", out);
        }
        fprintf(out,
                "const struct statement %s_statement = {\n        .name = \"%s\",\n        .sql =",
                s->name, s->name);
        write_sql(out, s->sql);
        fprintf(out, ",\n        .param_count = %zu,\n        .column_count = %zu,\n",
                s->param_count, s->column_count);
        if (s->param_count)
                fprintf(out, "        .param_types = %s_param_types,\n", s->name);
        if (s->column_count)
                fprintf(out,
                        "        .column_types = %s_column_types,\n        .column_names = "
                        "%s_column_names,\n",
                        s->name, s->name);
        fputs("};\n\n", out);
}

/* The expression that reads one column. */
static void write_column(FILE *out, const struct statement_value *column, size_t number)
{
        const char *member = column->type->member;
        fprintf(out, "        row->%s = ", column->name);
        if (strcmp(column->type->c, "bool") == 0)
                fprintf(out, "db_int(result, number, %zu) == 1;\n", number);
        else if (strcmp(member, "integer") == 0)
                fprintf(out, "db_int(result, number, %zu);\n", number);
        else if (strcmp(member, "text") == 0)
                fprintf(out, "arena_copy(arena, db_text(result, number, %zu));\n", number);
        else
                fprintf(out, "db_%s(result, number, %zu, arena);\n", member, number);
}

/* The function that reads a row into its struct. */
static void write_reader(FILE *out, const struct parsed_statement *s)
{
        bool needs_arena = false;
        write_reader_prototype(out, s);
        fputs("\n{\n", out);
        for (size_t i = 0; i < s->column_count; i++)
                needs_arena = needs_arena || strcmp(s->columns[i].type->member, "integer") != 0;
        if (!needs_arena)
                fputs("        (void)arena;\n", out);
        for (size_t i = 0; i < s->column_count; i++)
                write_column(out, &s->columns[i], i);
        fputs("}\n\n", out);
}

/* The function that runs it. */
static void write_function(FILE *out, const struct parsed_statement *s)
{
        write_prototype(out, s);
        fputs("\n{\n", out);
        if (s->param_count) {
                fputs("        const union param params_[] = {\n", out);
                for (size_t i = 0; i < s->param_count; i++)
                        fprintf(out, "                { .%s = %s },\n", s->params[i].type->member,
                                s->params[i].name);
                fputs("        };\n", out);
        }
        fprintf(out, "        const struct db_result *result_ = tx_run(tx, &%s_statement, %s);\n",
                s->name, s->param_count ? "params_" : "NULL");
        if (s->answer == ANSWER_NONE)
                fputs("        return result_->rows;\n", out);
        if (s->answer == ANSWER_ONE)
                fprintf(out,
                        "        *row_ = (struct %s) { 0 };\n        if (result_->rows < 1)\n"
                        "                return false;\n        %s_row(result_, 0, tx_arena(tx), "
                        "row_);\n"
                        "        return true;\n",
                        s->name, s->name);
        if (s->answer == ANSWER_MANY)
                fprintf(out,
                        "        struct %s_rows rows_ = { .count = (size_t)result_->rows };\n"
                        "        rows_.row = arena_array(tx_arena(tx), rows_.count, sizeof "
                        "*rows_.row);\n"
                        "        for (size_t n_ = 0; n_ < rows_.count; n_++)\n"
                        "                %s_row(result_, (int64_t)n_, tx_arena(tx), "
                        "&rows_.row[n_]);\n"
                        "        return rows_;\n",
                        s->name, s->name);
        fputs("}\n\n", out);
}

/* The header. */
static void write_header(FILE *out, const char *path, const struct parsed_statements *all)
{
        fprintf(out,
                "/* Made from %s by schemas/statements.c: change that file, not this one. "
                "*/\n#pragma once\n\n"
                "#include \"common/tx.h\"\n",
                path);
        for (size_t i = 0; i < all->count; i++)
                write_declarations(out, path, &all->list[i]);
}

/* The functions. */
static void write_source(FILE *out, const char *path, const struct parsed_statements *all)
{
        const char *dot = strrchr(path, '.');
        fprintf(out,
                "/* Made from %s by schemas/statements.c: change that file, not this one. */\n"
                "#include \"%.*s_sql.h\"\n\n",
                path, (int)(dot - path), path);
        for (size_t i = 0; i < all->count; i++) {
                write_statement(out, &all->list[i]);
                if (all->list[i].answer != ANSWER_NONE)
                        write_reader(out, &all->list[i]);
                write_function(out, &all->list[i]);
        }
}

/* Opens, writes, closes; false (said) if it cannot. */
static bool write_file(const char *to, const char *path, const struct parsed_statements *all,
                       void (*write)(FILE *, const char *, const struct parsed_statements *))
{
        FILE *out = fopen(to, "w");
        if (out)
                write(out, path, all);
        if (!out || fclose(out) != 0) {
                fprintf(stderr, "%s: %s\n", to, strerror(errno));
                return false;
        }
        return true;
}

int main(int argc, char **argv)
{
        struct parsed_statements all;
        struct statement_fault fault;
        size_t size;
        if (argc != 4 || !strrchr(argv[1], '.')) {
                fputs("usage: statements FILE.sql HEADER SOURCE\n", stderr);
                return 64;
        }
        char *source = read_file(argv[1], &size);
        if (!source)
                return 1;
        bool good = statements_parse(source, size, &all, &fault);
        free(source);
        if (!good) {
                fprintf(stderr, "%s:%d: %s\n", argv[1], fault.line, fault.reason);
                return 1;
        }
        good = write_file(argv[2], argv[1], &all, write_header) &&
               write_file(argv[3], argv[1], &all, write_source);
        statements_clear(&all);
        return good ? 0 : 1;
}
