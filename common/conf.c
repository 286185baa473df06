/*
 * conf: walks the table that conf.def expands into. czmq's zconfig reads ZPL; what it keeps from
 * us, the lines, is looked up in the text again. Nothing is taken over unless everything is right.
 */
#include "common/conf.h"

#include "common/log.h"
#include <czmq.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FILE_SIZE 65536
#define LINE_SIZE 1000 /* zconfig looks at 1024 bytes of a line */
#define WORD_SIZE 63

enum kind { KIND_STRING, KIND_NUMBER, KIND_CHOICE };

struct setting {
        const char *section, *name, *value, *choices, *meaning;
        enum kind kind;
        int64_t least, greatest;
        size_t offset; /* in struct conf */
};

/* clang-format off */
static const struct setting settings[] = {
#define PLACE(section, name) offsetof(struct conf, section##_##name)
#define STRING(section, name, value, meaning) \
        { #section, #name, value, NULL, meaning, KIND_STRING, 0, 0, PLACE(section, name) },
#define NUMBER(section, name, value, least, greatest, meaning) \
        { #section, #name, #value, NULL, meaning, KIND_NUMBER, least, greatest, PLACE(section, name) },
#define CHOICE(section, name, value, choices, meaning) \
        { #section, #name, value, choices, meaning, KIND_CHOICE, 0, 0, PLACE(section, name) },
#include "schemas/conf.def"
#undef STRING
#undef NUMBER
#undef CHOICE
};
/* clang-format on */
static const struct setting *const settings_end = settings + sizeof(settings) / sizeof(settings[0]);

/* A file being read. */
struct reading {
        struct conf *conf;
        struct text zpl;
        const char *file;
        struct arena *arena;
};

/* The number of the line that says it; name is NULL for the section itself. 0: zconfig saw another
 * text. */
static int find_line(struct text zpl, const char *section, const char *name)
{
        bool inside = false;

        for (int number = 1; zpl.at; number++) {
                struct text line = text_cut(&zpl, '\n');
                bool indented = line.size && line.at[0] == ' ';
                struct text word = text_cut(&line, '#');

                word = text_trim(text_cut(&word, '='));
                if (!word.size)
                        continue;
                if (!indented)
                        inside = text_equal(word, text_of(section));
                if (inside && indented == (name != NULL) &&
                    (!name || text_equal(word, text_of(name))))
                        return number;
        }
        return 0;
}

/* How many letters must be put in, taken out or changed to make one word of the other
 * (Levenshtein). */
static int distance(const char *a, const char *b)
{
        int row[WORD_SIZE + 1], size = (int)strnlen(b, WORD_SIZE);

        for (int j = 0; j <= size; j++)
                row[j] = j;
        for (int i = 0; a[i] && i < WORD_SIZE; i++) {
                int corner = row[0];

                row[0] = i + 1;
                for (int j = 1; j <= size; j++) {
                        int best = corner + (a[i] != b[j - 1]);

                        corner = row[j];
                        best = row[j] + 1 < best ? row[j] + 1 : best;
                        row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
                }
        }
        return row[size];
}

/* "; did you mean server?" if something is near: a setting of the section, or with NULL a
 * section. */
static const char *suggest(struct arena *arena, const char *section, const char *word)
{
        const char *nearest = NULL;
        int least = 4;

        for (const struct setting *s = settings; s < settings_end; s++) {
                const char *candidate = section ? s->name : s->section;
                int apart = distance(word, candidate);

                if (apart < least && (!section || strcmp(s->section, section) == 0)) {
                        least = apart;
                        nearest = candidate;
                }
        }
        return nearest ? arena_printf(arena, "; did you mean %s?", nearest).at
                       : "; the sample file has them all";
}

/* The setting, or the first of the section if name is NULL. */
static const struct setting *find_setting(const char *section, const char *name)
{
        for (const struct setting *s = settings; s < settings_end; s++)
                if (strcmp(s->section, section) == 0 && (!name || strcmp(s->name, name) == 0))
                        return s;
        return NULL;
}

/* Whether the word is one of the choices, which are separated by spaces. */
static bool is_choice(struct text choices, struct text word)
{
        while (choices.at)
                if (text_equal(text_cut(&choices, ' '), word))
                        return true;
        return false;
}

/* Puts the value into the settings. Returns NULL, or what is wrong with it. */
static const char *apply(struct conf *conf, const struct setting *s, const char *value,
                         struct arena *arena)
{
        void *place = (char *)conf + s->offset;
        int64_t number;

        if (s->kind == KIND_NUMBER) {
                if (!text_to_int(text_of(value), &number) || number < s->least ||
                    number > s->greatest)
                        return arena_printf(arena, "must be a whole number from %lld to %lld",
                                            (long long)s->least, (long long)s->greatest)
                                .at;
                memcpy(place, &number, sizeof(number));
                return NULL;
        }
        if (s->kind == KIND_CHOICE && !is_choice(text_of(s->choices), text_of(value)))
                return arena_printf(arena, "must be one of: %s", s->choices).at;
        if (!*value && *s->value)
                return "must not be empty; leave it out to have the default";
        value = arena_string(arena, text_of(value));
        memcpy(place, &value, sizeof(value));
        return NULL;
}

/* Takes one setting over. Returns NULL, or what is wrong with it. */
static const char *take(const struct reading *r, zconfig_t *section, zconfig_t *node)
{
        const char *in = zconfig_name(section), *name = zconfig_name(node);
        const struct setting *s = find_setting(in, name);

        if (!s)
                return arena_printf(r->arena, "is no setting of %s%s", in,
                                    suggest(r->arena, in, name))
                        .at;
        if (zconfig_locate(section, name) != node)
                return "stands there twice; take one away";
        if (zconfig_child(node))
                return "has no settings of its own";
        return apply(r->conf, s, zconfig_value(node) ? zconfig_value(node) : "", r->arena);
}

/* All settings of a section. False if any is wrong. */
static bool read_section(const struct reading *r, zconfig_t *root, zconfig_t *section)
{
        const char *name = zconfig_name(section), *fault = NULL;
        bool good = true;

        if (!find_setting(name, NULL))
                fault = arena_printf(r->arena, "is no section%s", suggest(r->arena, NULL, name)).at;
        else if (zconfig_locate(root, name) != section)
                fault = "stands there twice; make it one section";
        else if (zconfig_value(section) && *zconfig_value(section))
                fault = "is a section; its settings stand below it, indented";
        if (fault) {
                log_error("%s, line %d: %s %s", r->file, find_line(r->zpl, name, NULL), name,
                          fault);
                return false;
        }
        for (zconfig_t *node = zconfig_child(section); node; node = zconfig_next(node)) {
                fault = take(r, section, node);
                if (!fault)
                        continue;
                log_error("%s, line %d: %s %s", r->file,
                          find_line(r->zpl, name, zconfig_name(node)), zconfig_name(node), fault);
                good = false;
        }
        return good;
}

/* Whether zconfig can be given the text: it is UTF-8 without NUL, no line longer than it looks
 * at. */
static bool is_sound(struct text zpl, const char *file)
{
        bool sound = text_is_utf8(zpl);

        if (!sound)
                log_error("%s is not UTF-8 text", file);
        for (int number = 1; zpl.at; number++)
                if (text_cut(&zpl, '\n').size > LINE_SIZE) {
                        log_error("%s, line %d is longer than %d bytes", file, number, LINE_SIZE);
                        sound = false;
                }
        return sound;
}

/* The settings from a text. */
bool conf_read(struct conf *conf, struct text zpl, const char *name, struct arena *arena)
{
        struct conf fresh;
        struct reading r = { &fresh, zpl, name, arena };
        zconfig_t *root;
        bool good = true;

        for (const struct setting *s = settings; s < settings_end; s++)
                if (apply(&fresh, s, s->value, arena))
                        panic("conf.def: the default of %s in %s is out of bounds", s->name,
                              s->section);
        if (!is_sound(zpl, name))
                return false;
        errno = 0;
        root = zconfig_str_load(arena_string(arena, zpl));
        if (!root && errno == ENOMEM)
                panic("out of memory"); /* nobody has to mend the settings: a restart helps */
        if (!root) {
                log_error("%s is not ZPL: sections stand at the margin, below each its settings as "
                          "name = value, indented by four spaces",
                          name);
                return false;
        }
        for (zconfig_t *node = zconfig_child(root); node; node = zconfig_next(node))
                good = read_section(&r, root, node) && good;
        zconfig_destroy(&root);
        if (good)
                *conf = fresh;
        return good;
}

/* The settings from a file. */
bool conf_load(struct conf *conf, const char *path, struct arena *arena)
{
        char *bytes;
        ssize_t size;
        int file;

        if (!path || !*path)
                return conf_read(conf, TEXT(""), "", arena);
        file = open(path, O_RDONLY | O_CLOEXEC);
        bytes = arena_alloc(arena, FILE_SIZE + 1);
        size = file < 0 ? -1 : read(file, bytes, FILE_SIZE + 1);
        if (size < 0)
                log_error("cannot read the settings in %s: %s", path, strerror(errno));
        if (size > FILE_SIZE)
                log_error("%s is larger than %d bytes", path, FILE_SIZE);
        if (file >= 0)
                close(file);
        return size >= 0 && size <= FILE_SIZE &&
               conf_read(conf, (struct text){ bytes, (size_t)size }, path, arena);
}

/* The sample: every setting with its meaning, bounds and default. */
struct text conf_sample(struct arena *arena)
{
        struct text sample = TEXT(
                "# The settings of Pådriver, each with its default. What is left out keeps it.\n");
        const char *section = "";

        for (const struct setting *s = settings; s < settings_end; s++) {
                const char *quote = s->kind == KIND_NUMBER ? "" : "\"";
                struct text bounds = TEXT("");

                if (s->kind == KIND_NUMBER)
                        bounds = arena_printf(arena, " (%lld to %lld)", (long long)s->least,
                                              (long long)s->greatest);
                if (s->kind == KIND_CHOICE)
                        bounds = arena_printf(arena, " (one of: %s)", s->choices);
                if (strcmp(section, s->section) != 0)
                        sample = arena_printf(arena, "%.*s\n%s\n", TEXT_ARGS(sample), s->section);
                section = s->section;
                sample = arena_printf(arena, "%.*s    # %s%.*s\n    %s = %s%s%s\n",
                                      TEXT_ARGS(sample), s->meaning, TEXT_ARGS(bounds), s->name,
                                      quote, s->value, quote);
        }
        return sample;
}
