/*
 * conf: the settings of schemas/conf.def, read once at the start from one ZPL file (czmq's
 * zconfig). All are checked before anything starts; an unknown key, a bad value or a file that
 * cannot be read is fatal.
 */
#pragma once

#include "common/arena.h"

struct conf {
#define STRING(section, name, value, meaning)                  const char *section##_##name;
#define NUMBER(section, name, value, least, greatest, meaning) int64_t section##_##name;
#define CHOICE(section, name, value, choices, meaning)         const char *section##_##name;
#include "schemas/conf.def"
#undef STRING
#undef NUMBER
#undef CHOICE
};

/* All defaults if path is NULL or "". False: every fault was logged, with its line and the way
 * out. */
bool conf_load(struct conf *conf, const char *path, struct arena *arena);

/* The same from a text; name is the file's in what is logged. */
bool conf_read(struct conf *conf, struct text zpl, const char *name, struct arena *arena);

/* The annotated sample file, one line after the other into the text. */
struct text conf_sample(struct arena *arena);
