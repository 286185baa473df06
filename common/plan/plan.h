/*
 * plan: putting meetings in the calendar, moving, calling off and holding them, and recording
 * decisions, for the command and the pages. Each runs the owner's function in the transaction and
 * emits the event of what happened; what may not be is refused there, in words for a person, and
 * then the commit ends with TX_REJECT. Nothing here commits.
 */
#pragma once

#include "common/tx.h"

/* When and where: DB_NULL and no text mean as it stands in the wheel or the calendar. */
struct plan_when {
        int64_t starts, ends; /* moments */
        struct text place;
};

/* The version of the meeting after it; 0 if it was refused. */
int64_t plan_schedule(struct tx *tx, struct text meeting, const struct plan_when *when);
int64_t plan_move(struct tx *tx, struct text meeting, const struct plan_when *when);
int64_t plan_cancel(struct tx *tx, struct text meeting);

/* Notes that it was held: session_held for a network's session, meeting_held for a body's
 * meeting. */
void plan_hold(struct tx *tx, struct text meeting);

/*
 * The moment meant by "2027-02-09T12:00" or, at the time of day that the meeting or else the wheel
 * has, by "2027-02-09". False: it is neither, or a day alone and no time of day is known.
 */
bool plan_moment(struct tx *tx, struct text meeting, struct text when, int64_t *moment);

/* A decision with the pots that it shares a grant into; kinds are areas or host. */
struct plan_decision {
        struct text id, matter, body;
        struct text meeting; /* no text: outside a meeting */
        int64_t decided_on;  /* a day */
        struct text subject;
        struct text grant; /* no text: not about a grant */
        int64_t amount_ore;
        struct text_array pots, kinds;
        struct int_array amounts; /* øre, as many as pots */
        struct text_array areas;  /* none: every funded area, weight 1 */
        struct int_array weights; /* as many as areas */
};

/* Records the decision and emits decision_recorded. */
void plan_decide(struct tx *tx, const struct plan_decision *decision);
