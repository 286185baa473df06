/*
 * route: which function answers which path. One table; the first line that fits counts.
 */
#pragma once

#include "workers/web/page.h"

/* Answers the request, or holds it. */
void route_request(struct web *web, struct request *request);
