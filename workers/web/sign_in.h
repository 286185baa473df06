/*
 * sign_in: the way in for staff: an address, a letter, a link that works once. There is no
 * password. The reply tells nobody whose address it is.
 */
#pragma once

#include "workers/web/page.h"

/* GET and POST /sign-in: asks for the address; takes it. */
void sign_in_show(struct page *page);
void sign_in_take(struct page *page);

/* GET and POST /sign-in/LINK: a page with a button, since what only looks at links must not use
 * them up; the button signs in. */
void sign_in_show_link(struct page *page);
void sign_in_use_link(struct page *page);

/* POST /sign-out */
void sign_in_end(struct page *page);
