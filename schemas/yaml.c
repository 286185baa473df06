/*
 * yaml: what is safe as a plain scalar is written plain, text of several lines as a literal block,
 * all else in double quotes as JSON writes it, which is YAML as well (YAML 1.2, section 1.3).
 */
#include "schemas/yaml.h"
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void write_value(const json_t *value, int depth, bool in_list, FILE *out);

/* Words that a parser takes for something else than a string. */
static bool is_reserved(const char *string)
{
        static const char *const words[] = { "true", "false", "null", "yes", "no",
                                             "on",   "off",   "y",    "n" };
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
                if (strcasecmp(string, words[i]) == 0)
                        return true;
        return false;
}

/* Whether the string means itself without quotes. */
static bool is_plain(const char *string)
{
        size_t size = strlen(string);
        if ((!isalpha((unsigned char)string[0]) && string[0] != '$') || string[size - 1] == ' ' ||
            is_reserved(string))
                return false;
        return strspn(string, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$_-./ "
                              ";,'()") == size;
}

/* The lines of a text, each at its depth. */
static void write_block(const char *string, int depth, FILE *out)
{
        fputs("|-", out);
        while (*string) {
                int size = (int)strcspn(string, "\n");
                fprintf(out, "\n%*s%.*s", size ? 2 * depth : 0, "", size, string);
                string += size + (string[size] == '\n');
        }
        fputc('\n', out);
}

/* One value on the rest of its line. */
static void write_scalar(const json_t *value, int depth, FILE *out)
{
        const char *string = json_string_value(value);
        if (string && strchr(string, '\n')) {
                write_block(string, depth, out);
        } else if (string && is_plain(string)) {
                fprintf(out, "%s\n", string);
        } else {
                char *json = json_dumps(value, JSON_ENCODE_ANY);
                fprintf(out, "%s\n", json);
                free(json);
        }
}

/* A key and its value. The first key of an object in a list stands behind its dash. */
static void write_member(const char *key, const json_t *value, int depth, bool indent, FILE *out)
{
        fprintf(out, is_plain(key) ? "%*s%s:" : "%*s\"%s\":", indent ? 2 * depth : 0, "", key);
        write_value(value, depth + 1, false, out);
}

/* An object, a list or a scalar, after a key's colon or a list's dash. */
static void write_value(const json_t *value, int depth, bool in_list, FILE *out)
{
        const char *key;
        const json_t *member;
        size_t index;
        if (json_is_object(value) && json_object_size(value) > 0) {
                bool first = in_list;
                fputs(in_list ? " " : "\n", out);
                json_object_foreach((json_t *)(uintptr_t)value, key, member)
                {
                        write_member(key, member, depth, !first, out);
                        first = false;
                }
        } else if (json_is_array(value) && json_array_size(value) > 0) {
                fputc('\n', out);
                json_array_foreach(value, index, member)
                {
                        fprintf(out, "%*s-", 2 * depth, "");
                        write_value(member, depth + 1, true, out);
                }
        } else {
                fputc(' ', out);
                write_scalar(value, depth, out);
        }
}

/* Writes the document. */
void yaml_write(const json_t *document, FILE *out)
{
        const char *key;
        const json_t *member;
        json_object_foreach((json_t *)(uintptr_t)document, key, member)
        {
                write_member(key, member, 0, false, out);
        }
}
