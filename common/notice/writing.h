/*
 * writing: what the letters of all rules share: the recipient, the language, the body, and the
 * closing lines. Inside common/notice alone.
 */
#pragma once

#include "common/mail/body.h"
#include "common/notice/notice.h"
#include "common/notice/notice_sql.h"
#include "common/phrase.h"

/* A letter being written. */
struct writing {
        struct tx *tx;
        struct arena *arena;
        const struct mailer *mailer;
        const struct letter *letter;
        struct message *message;
        struct text *reason;
        enum language language;
        struct body *body;
};

/* Places of a phrase: PLACES({ "title", title }, { "day", day }). */
#define PLACES(...) ((const struct place[]){ __VA_ARGS__, { NULL, { 0 } } })

/* The phrase in the letter's language. */
struct text writing_say(const struct writing *w, enum phrase phrase, const struct place *places);

/* Of three wordings the one in the letter's language. */
struct text writing_pick(const struct writing *w, struct text nb, struct text nn, struct text en);

/* "09.00", in English "09:00". */
struct text writing_hour(const struct writing *w, int64_t time);

/* Sets the subject, which is the heading too, and greets. */
void writing_begin(struct writing *w, struct text subject, struct text heading);

/* Signs, says why one gets the letter and how to say that it is no longer oneself. sender may be
 * no text. */
void writing_end(struct writing *w, struct text sender, struct text because);

/* Replies go to the person. False: nobody, or without an address. */
bool writing_reply_to(struct writing *w, int64_t person, struct notice_addressee *row);

/* survey.c: the letter to a municipality; the rest of writing_evaluation. */
bool writing_survey(struct writing *w, const struct notice_paper *paper,
                    const struct notice_occasion *occasion);

/* evaluation.c: the personal link, and the deadline with its day and hour. */
struct text writing_link(const struct writing *w, int64_t invitation);
struct text writing_deadline(const struct writing *w, int64_t closes);

bool writing_meeting(struct writing *w);
bool writing_evaluation(struct writing *w);
bool writing_survey_missing(struct writing *w);
bool writing_share(struct writing *w);
bool writing_grant(struct writing *w);
bool writing_sign_in(struct writing *w);
bool writing_held(struct writing *w);
bool writing_needs(struct writing *w);
