/*
 * attendance: who was at a session, ticked on the page at its end (held.h) from those who were
 * called. The store decides who may tick (plan.attend_as), and asks nobody for an evaluation who
 * was not there.
 */
#pragma once

#include "workers/web/page.h"

/* The list to unfold, with what is noted. asked: the evaluation was sent. fault: what
 * attendance_take found, or PHRASE_count. */
void attendance_put(struct page *page, struct text meeting, int64_t person, bool asked,
                    enum phrase fault);

/* Notes what was ticked. Returns what is wrong with that: nobody was, or the list is another one
 * than was shown; PHRASE_count: nothing. */
enum phrase attendance_take(struct page *page, struct text meeting, int64_t person);
