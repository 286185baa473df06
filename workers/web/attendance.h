/*
 * attendance: who was at a session, ticked on the page at its end (held.h) from those who were
 * called. The store decides who may tick (plan.attend_as), and asks nobody for an evaluation who
 * was not there.
 */
#pragma once

#include "workers/web/page.h"

/* The list to unfold, with what is noted. asked: the evaluation was sent. wrong: nobody was ticked.
 */
void attendance_put(struct page *page, struct text meeting, int64_t person, bool asked, bool wrong);

/* Notes what was ticked. False: nobody was. */
bool attendance_take(struct page *page, struct text meeting, int64_t person);
