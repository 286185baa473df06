/*
 * subscription: whether newsletters go to a person, by the personal link in each of them
 * (RFC 8058). A GET changes nothing, since mail servers follow links.
 */
#pragma once

#include "workers/web/page.h"

/* GET and POST /u/LINK: "List-Unsubscribe=One-Click" unsubscribes, "again" takes it back. */
void subscription_show(struct page *page);
void subscription_take(struct page *page);
