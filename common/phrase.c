/*
 * phrase: the table that texts.def and pages.def expand into, and filling places. A place without a
 * value is our own fault: the tests compose every letter.
 */
#include "common/phrase.h"

#include "common/codec.h"
#include "common/log.h"
#include <inttypes.h>
#include <string.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

struct wording {
        const char *name;
        const char *in[3]; /* by enum language */
        bool same;
};

/* clang-format off */
static const struct wording wordings[PHRASE_count] = {
#define PHRASE(name, nb, nn, en) { #name, { nb, nn, en }, false },
#define SAME(name, both, en)     { #name, { both, both, en }, true },
#include "common/mail/texts.def"
#include "common/pages.def"
#undef PHRASE
#undef SAME
};
/* clang-format on */

/* The phrase as written. */
struct text phrase_raw(enum language language, enum phrase phrase)
{
        return text_of(wordings[phrase].in[language]);
}

const char *phrase_name(enum phrase phrase)
{
        return wordings[phrase].name;
}

bool phrase_is_same(enum phrase phrase)
{
        return wordings[phrase].same;
}

/* The value of the place. */
static struct text find_value(const struct place *places, struct text name, enum phrase phrase)
{
        for (; places && places->name; places++)
                if (text_equal(text_of(places->name), name))
                        return places->value;
        panic("phrase %s: nothing for {%.*s}", phrase_name(phrase), TEXT_ARGS(name));
}

/* The phrase with its places filled. */
struct text phrase(struct arena *arena, enum language language, enum phrase phrase,
                   const struct place *places)
{
        struct text rest = phrase_raw(language, phrase), filled;
        struct buffer out = { 0 };

        while (rest.at) {
                struct text before = text_cut(&rest, '{'), value;

                buffer_add(&out, before.at, before.size);
                if (!rest.at)
                        break;
                value = find_value(places, text_cut(&rest, '}'), phrase);
                buffer_add(&out, value.at, value.size);
        }
        filled = arena_copy(arena, (struct text){ out.at, out.size });
        buffer_clear(&out);
        return filled;
}

/* ICU spells it out; in digits if it cannot. */
struct text phrase_number(struct arena *arena, enum language language, int64_t number)
{
        static const char *const locales[] = { "nb", "nn", "en" };
        UErrorCode error = U_ZERO_ERROR;
        UChar wide[100];
        char words[300];
        UNumberFormat *format = unum_open(UNUM_SPELLOUT, NULL, 0, locales[language], NULL, &error);
        int32_t size = unum_formatInt64(format, number, wide, 100, NULL, &error);

        u_strToUTF8(words, sizeof words, &size, wide, size, &error);
        unum_close(format);
        if (U_FAILURE(error))
                return arena_printf(arena, "%" PRId64, number);
        return arena_copy(arena, (struct text){ words, (size_t)size });
}
