/*
 * entrance: the way to an evaluation for who has no letter at hand. A QR code leads to a page that
 * asks for the invited address, and mails the personal link there; what it replies is the same
 * whether or not anybody with that address is asked.
 */
#pragma once

#include "workers/web/page.h"

/* GET /show/EVALUATION: the QR code for all to see, and how many have answered. */
void entrance_show_code(struct page *page);

/* How many have answered so far, with the ways to keep that fresh and to show the code. Nothing if
 * there is no such evaluation yet. */
void entrance_put_progress(struct page *page, struct text evaluation);

/* GET and POST /q/EVALUATION: asks for the address; takes it. */
void entrance_show(struct page *page);
void entrance_take(struct page *page);
