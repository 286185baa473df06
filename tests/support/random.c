/*
 * random: values of every kind of field, from one seeded generator.
 */
#include "tests/support/random.h"

/* 64 random bits (splitmix64, Steele, Lea and Flood 2014). */
uint64_t random_bits(struct random *random)
{
        uint64_t z = (random->state += UINT64_C(0x9e3779b97f4a7c15));
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        return z ^ (z >> 31);
}

/* A whole number, least and most included. */
int64_t random_within(struct random *random, int64_t least, int64_t most)
{
        uint64_t span = (uint64_t)most - (uint64_t)least + 1;
        uint64_t step = span ? random_bits(random) % span : random_bits(random);
        return (int64_t)((uint64_t)least + step);
}

/* Least, most, or any between. */
static int64_t choose(struct random *random, enum extent extent, int64_t least, int64_t most)
{
        if (extent == EXTENT_ANY)
                return random_within(random, least, most);
        return extent == EXTENT_LEAST ? least : most;
}

/* Letters for a code, letters and two-byte characters for a text, any byte for bytes. */
static struct text fill_text(struct random *random, const struct field *field, size_t size,
                             struct arena *arena)
{
        static const char letters[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./_";
        char *at = arena_alloc(arena, size + 1);
        for (size_t i = 0; i < size; i++) {
                uint64_t bits = random_bits(random);
                at[i] = field->kind == FIELD_BYTES ? (char)bits
                                                   : letters[bits % (sizeof letters - 1)];
                if (field->kind == FIELD_TEXT && bits >> 32 & 1 && i + 1 < size) {
                        at[i++] = '\xc3';
                        at[i] = "\xa6\xb8\xa5"[bits % 3]; /* æøå */
                }
        }
        return (struct text){ at, size };
}

/* A list of records. */
static struct list fill_list(struct random *random, const struct field *field, size_t count,
                             enum extent extent, struct arena *arena)
{
        const struct record *items = field->items();
        char *at = arena_array(arena, count, items->size);
        for (size_t i = 0; i < count; i++) {
                bool small = extent == EXTENT_MOST && i + 1 < count;
                random_fill(random, items, small ? EXTENT_LEAST : extent, at + i * items->size,
                            arena);
        }
        return (struct list){ at, count };
}

/* Fills a value within its bounds. */
void random_fill(struct random *random, const struct record *record, enum extent extent,
                 void *value, struct arena *arena)
{
        for (size_t i = 0; i < record->field_count; i++) {
                const struct field *field = &record->fields[i];
                void *member = (char *)value + field->offset;
                int64_t most = field->most;
                if (field->kind == FIELD_LIST && extent == EXTENT_ANY && most > 5)
                        most = 5;
                int64_t size = choose(random, extent, field->least, most);
                if (field->kind == FIELD_INT) {
                        *(int64_t *)member = size;
                } else if (field->kind == FIELD_LIST) {
                        *(struct list *)member =
                                fill_list(random, field, (size_t)size, extent, arena);
                } else {
                        *(struct text *)member = fill_text(random, field, (size_t)size, arena);
                }
        }
}

/* Whether two lists are the same. */
static bool same_list(const struct record *items, const struct list *a, const struct list *b)
{
        bool same = a->count == b->count;
        for (size_t i = 0; same && i < a->count; i++) {
                same = random_same(items, (const char *)a->at + i * items->size,
                                   (const char *)b->at + i * items->size);
        }
        return same;
}

/* Whether two values of a record are the same in every field. */
bool random_same(const struct record *record, const void *a, const void *b)
{
        bool same = true;
        for (size_t i = 0; same && i < record->field_count; i++) {
                const struct field *field = &record->fields[i];
                const void *left = (const char *)a + field->offset;
                const void *right = (const char *)b + field->offset;
                if (field->kind == FIELD_INT)
                        same = *(const int64_t *)left == *(const int64_t *)right;
                else if (field->kind == FIELD_LIST)
                        same = same_list(field->items(), left, right);
                else
                        same = text_equal(*(const struct text *)left, *(const struct text *)right);
        }
        return same;
}
