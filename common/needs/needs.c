/*
 * needs: the words.
 */
#include "common/needs/needs.h"

enum phrase needs_words(struct text name)
{
        static const struct {
                const char *name;
                enum phrase words;
        } things[] = {
                { "unmarked", PHRASE_staff_unmarked }, { "missing", PHRASE_staff_missing },
                { "open", PHRASE_staff_open },         { "words", PHRASE_staff_words },
                { "letters", PHRASE_staff_letters },   { "parked", PHRASE_staff_parked },
                { "unshared", PHRASE_staff_unshared }, { "changes", PHRASE_staff_changes },
                { "contacts", PHRASE_staff_contacts },
        };
        for (size_t i = 0; i < sizeof things / sizeof *things; i++)
                if (text_equal(name, text_of(things[i].name)))
                        return things[i].words;
        return PHRASE_count;
}
