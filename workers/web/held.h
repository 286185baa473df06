/*
 * held: what became of a session, said with one thumb by who runs it: held, moved or called off;
 * who was there (attendance.h); and once it is held, how many have answered. A personal link of a
 * letter opens it, or a session of the staff. Who may say it is the store's to decide
 * (plan.check_writer).
 */
#pragma once

#include "workers/web/page.h"

/* GET and POST /held/LINK, and /staff/held/MEETING for who is signed in. */
void held_show(struct page *page);
void held_take(struct page *page);
