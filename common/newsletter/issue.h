/*
 * issue: a newsletter as a person writes it, in one file: a head, then the Markdown in each
 * language.
 *
 *   newsletter: 2027-02             its id
 *   network: N1, N2                 the audience: any of these networks, and
 *   area: hallingdal                of these areas, and
 *   role: leader, contact           with these roles, and
 *   language: nn                    reading these languages; what is left out does not narrow
 *   title-nb: Nytt fra nettverket
 *   title-nn: Nytt frå nettverket   title-en may follow, with its text
 *   --- nb
 *   Markdown ...
 *   --- nn
 *   Markdown ...
 *
 * Bokmål and nynorsk are both there, or it is no issue. Lines of the head that begin with # are
 * remarks.
 */
#pragma once

#include "common/codec.h"
#include "common/day.h"

enum {
        ISSUE_LANGUAGES = 3,
        ISSUE_ID = 40,       /* bytes */
        ISSUE_TITLE = 200,   /* bytes */
        ISSUE_BODY = 100000, /* bytes of one language */
        ISSUE_NAMES = 100,   /* in one line of the audience */
        ISSUE_FILE = 400000, /* bytes */
};

struct issue {
        struct text id;
        struct text_array networks, areas, roles, languages;
        struct text title[ISSUE_LANGUAGES],
                body[ISSUE_LANGUAGES]; /* by enum language; English may be no text */
};

/* Texts point into data, lists into the arena. False: fault says what is wrong, in line (0: in
 * the whole). */
bool issue_parse(struct text data, struct arena *arena, struct issue *issue, int *line,
                 struct fault *fault);
