/*
 * municipality: what is on record of a party of the agreement: its contacts (R59, R109, R110), its
 * part in sessions, whether it answered the leader survey (R76), money it was given (R86, R89) and
 * what is planned for it. A contact reads the own one's, a coordinator those of the own area,
 * leader and support function all. What an evaluation said is not here.
 */
#pragma once

#include "workers/web/page.h"

/* GET /staff/municipality/3301 */
void municipality_show(struct page *page);

/* GET /staff/municipalities: those that the person sees, with their numbers (R44). */
void municipality_show_all(struct page *page);
