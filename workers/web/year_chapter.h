/*
 * year_chapter: the chapters of the year's report, each a function that writes what stands under
 * its heading.
 */
#pragma once

#include "workers/web/year.h"

struct year_chapter {
        const char *id;
        enum phrase title;
        void (*put)(const struct year *year);
};

/* In the order of the report; ends with a NULL id. */
extern const struct year_chapter year_chapters[];

/* Parts that the pack has too. The goals: all, or those that were rated. */
void year_put_goals(const struct year *year, bool rated);
void year_put_findings(const struct year *year);

/* Chapters of year_network.c, year_used.c and year_follow.c. */
void year_put_networks(const struct year *year);
void year_put_used(const struct year *year);
void year_put_gaps(const struct year *year);
void year_put_uses(const struct year *year);

/* "130 av 200 har svart (65 %).", with the warning where they are few; nothing of none. */
void year_put_rate(const struct year *year, int64_t invited, int64_t answered);

/* A goal's words by its id. */
struct text year_words(const struct year *year, struct text goal);

/* What a change is of, and how it stands. */
enum phrase year_kind(struct text kind);
enum phrase year_state(struct text state);

/* A heading of a level under the chapter's; a number in digits. */
void year_head(const struct year *year, struct text words);
struct text year_number(const struct year *year, int64_t number);
