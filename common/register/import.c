/*
 * import: a file becomes {"file", "kind", "columns": [name…], "rows": [[line, cell…]…]}. JSON is
 * read object by object, so that each has a line to be found by.
 */
#include "common/register/import.h"

#include <stdio.h>
#include <string.h>

/* The name without folders. */
static struct text base_of(struct text name)
{
        while (memchr(name.at, '/', name.size))
                text_cut(&name, '/');
        return name;
}

static bool ends(struct text whole, struct text end)
{
        return whole.size > end.size &&
               memcmp(whole.at + whole.size - end.size, end.at, end.size) == 0;
}

bool import_is_file(struct text name)
{
        return ends(name, TEXT(".csv")) || ends(name, TEXT(".json"));
}

/* What the file holds, from its name. */
static struct text kind_of(struct text name)
{
        struct text kind = base_of(name);
        kind = text_cut(&kind, '.');
        while (kind.size && strchr("0123456789-", kind.at[0])) {
                kind.at++;
                kind.size--;
        }
        return kind;
}

static json_t *string_of(struct text t)
{
        return json_stringn(t.at ? t.at : "", t.size);
}

/* A CSV file's columns and rows. */
static bool add_csv(json_t *columns, json_t *rows, struct text data, struct arena *arena,
                    struct csv_fault *fault)
{
        struct csv csv;
        if (!csv_read(data, arena, &csv, fault))
                return false;
        for (size_t i = 0; i < csv.columns; i++)
                json_array_append_new(columns, string_of(csv.head[i]));
        for (size_t i = 0; i < csv.rows; i++) {
                json_t *row = json_array();
                json_array_append_new(row, json_integer(csv.row[i].line));
                for (size_t c = 0; c < csv.columns; c++)
                        json_array_append_new(row, string_of(csv.row[i].cell[c]));
                json_array_append_new(rows, row);
        }
        return true;
}

/* Keeps what is wrong. */
static void say(struct csv_fault *fault, const char *reason)
{
        snprintf(fault->reason, sizeof fault->reason, "%s", reason);
}

/* Steps over one byte. */
static void step(struct text *rest, int *line)
{
        *line += rest->at[0] == '\n';
        rest->at++;
        rest->size--;
}

/* Skips white space and says which byte is next; NUL at the end. */
static char look(struct text *rest, int *line)
{
        while (rest->size && strchr(" \t\r\n", rest->at[0]))
                step(rest, line);
        return rest->size ? rest->at[0] : '\0';
}

/* The column's place, added at the end if it is new. */
static size_t place_of(json_t *columns, const char *name)
{
        size_t i, count = json_array_size(columns);
        for (i = 0; i < count; i++)
                if (strcmp(json_string_value(json_array_get(columns, i)), name) == 0)
                        return i;
        json_array_append_new(columns, json_string(name));
        return count;
}

/* A value as a cell; NULL if it is a list or an object. */
static json_t *cell_of(json_t *value)
{
        char number[64];
        if (json_is_null(value) || json_is_string(value))
                return json_incref(value);
        if (json_is_boolean(value))
                return json_string(json_is_true(value) ? "true" : "false");
        if (!json_is_number(value))
                return NULL;
        number[json_dumpb(value, number, sizeof number - 1, JSON_ENCODE_ANY)] = '\0';
        return json_string(number);
}

/* One object as a row. */
static bool add_object(json_t *columns, json_t *rows, json_t *object, struct csv_fault *fault)
{
        const char *name;
        json_t *value, *row = json_array();
        json_array_append_new(row, json_integer(fault->line));
        json_array_append_new(rows, row);
        json_object_foreach(object, name, value)
        {
                size_t place = place_of(columns, name) + 1;
                json_t *cell = cell_of(value);
                if (!cell || place > CSV_MOST_COLUMNS) {
                        snprintf(fault->reason, sizeof fault->reason,
                                 cell ? "there are more than 64 columns"
                                      : "%.60s is a list or an object; a cell is one value",
                                 name);
                        json_decref(cell);
                        return false;
                }
                while (json_array_size(row) <= place)
                        json_array_append_new(row, json_null());
                json_array_set_new(row, place, cell);
        }
        return true;
}

/* The object that begins here. */
static bool add_next(json_t *columns, json_t *rows, struct text *rest, struct csv_fault *fault)
{
        json_error_t error;
        json_t *object = json_loadb(rest->at, rest->size,
                                    JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);
        bool good = json_is_object(object) && json_array_size(rows) < CSV_MOST_ROWS;
        int line = fault->line;
        if (good)
                good = add_object(columns, rows, object, fault);
        else if (object)
                snprintf(fault->reason, sizeof fault->reason,
                         json_is_object(object) ? "there are more than %d rows"
                                                : "an object is expected here",
                         CSV_MOST_ROWS);
        else
                say(fault, error.text);
        if (!object)
                fault->line += error.line - 1;
        for (int i = 0; good && i < error.position; i++)
                step(rest, &line);
        if (good)
                fault->line = line;
        json_decref(object);
        return good;
}

/* A JSON array of objects. fault->line counts on while it reads. */
static bool add_json(json_t *columns, json_t *rows, struct text data, struct csv_fault *fault)
{
        *fault = (struct csv_fault){ .line = 1, .reason = "a JSON array of objects is expected" };
        if (text_starts(data, TEXT("\xef\xbb\xbf")))
                data = (struct text){ data.at + 3, data.size - 3 };
        if (data.size > CSV_MOST_BYTES || look(&data, &fault->line) != '[')
                return false;
        do {
                step(&data, &fault->line);
                if (look(&data, &fault->line) == ']' && !json_array_size(rows))
                        break;
                if (!add_next(columns, rows, &data, fault))
                        return false;
        } while (look(&data, &fault->line) == ',');
        say(fault, "a comma or the array's end is expected");
        if (look(&data, &fault->line) != ']')
                return false;
        step(&data, &fault->line);
        say(fault, "something follows the array");
        return look(&data, &fault->line) == '\0';
}

bool import_add(json_t *files, struct text name, struct text data, struct arena *arena,
                struct csv_fault *fault)
{
        json_t *columns = json_array(), *rows = json_array(), *file = json_object();
        bool good = ends(name, TEXT(".json")) ? add_json(columns, rows, data, fault)
                                              : add_csv(columns, rows, data, arena, fault);
        json_object_set_new(file, "file", string_of(base_of(name)));
        json_object_set_new(file, "kind", string_of(kind_of(name)));
        json_object_set_new(file, "columns", columns);
        json_object_set_new(file, "rows", rows);
        if (good)
                json_array_append_new(files, file);
        else
                json_decref(file);
        return good;
}
