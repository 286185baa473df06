/*
 * route: which function answers which path. One table; the first line that fits counts.
 */
#pragma once

#include "workers/web/page.h"

/* Whether it is the path of one of our pages that are for who is signed in: one may be sent there,
 * since it leads nowhere else. */
bool route_is_of_staff(struct text path);

/* Answers the request, or holds it. */
void route_request(struct web *web, struct request *request);
