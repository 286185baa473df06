/*
 * edition: the leader compiles the year's report (R79), reads it with its gaps, and publishes it:
 * what `padriver report compile` and `publish` do. Who may is the store's to decide, too
 * (evaluation.compile_as, publish_as).
 */
#pragma once

#include "workers/web/page.h"

/* GET and POST /staff/reports: all editions; compiles a year's. */
void edition_show_all(struct page *page);
void edition_compile(struct page *page);

/* GET and POST /staff/publish/2027/2: an edition with its gaps, and the question; publishes it. */
void edition_show(struct page *page);
void edition_publish(struct page *page);
