/*
 * outcome: what became of a letter: by the mail server's answer, or by the journal of a sender that
 * died. Both are booked by the same statement, so that a crash changes when it is booked, not what.
 */
#pragma once

#include "common/mail/smtp.h"
#include "common/tx.h"

#define OUTCOME_MOST 100 /* in one booking */

struct outcome {
        int64_t id;
        struct text claim; /* as the letter is claimed in the store */
        const char *state; /* sent, refused, uncertain, dropped; later: put off; back: not begun */
        struct smtp_reply reply;
        struct text reason; /* ids and codes only */
};

/* By the server's answer. Texts live in the arena or in claim. */
struct outcome outcome_of_reply(int64_t id, struct text claim, const struct smtp_reply *reply,
                                struct arena *arena);

/* By what a journal tells. */
struct outcome outcome_of_journal(int64_t id, struct text claim, struct text content,
                                  struct arena *arena);

/* Into the open transaction: the letters, and the addresses that take no mail. attempts:
 * mail.attempts. */
void outcome_write(struct tx *tx, const struct outcome *outcomes, size_t count, int64_t attempts);
