/*
 * route: which function answers which path. One table; the first line that fits counts.
 */
#pragma once

#include "workers/web/page.h"

/* Who may open the page at that path (session.h), if it is one of ours that are for who is signed
 * in: one may be sent there, since it leads nowhere else. 0: it is not. */
unsigned route_roles(struct text path);

/* Answers the request, or holds it. */
void route_request(struct web *web, struct request *request);
