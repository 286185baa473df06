/*
 * print: a page as PDF, tagged for who reads by ear (PDF/UA-1), by WeasyPrint as a child process.
 * The loop does not stand still meanwhile: the request is held. The child reads its HTML from
 * memory and writes into memory, for so long and so much; it may open no socket. How many run at
 * once is bounded, and a PDF once made is kept.
 */
#pragma once

#include "workers/web/page.h"
#include <poll.h>

#define PRINT_JOBS 2

struct printer;

/* By the web's settings. */
struct printer *printer_new(struct web *web);
void printer_destroy(struct printer **printer);

/* What the loop polls for it; at most PRINT_JOBS. Returns how many. */
size_t printer_poll(const struct printer *printer, struct pollfd *wait);

/* Answers what has become ready, and ends what takes too long. Never waits. */
void printer_turn(struct printer *printer);

/* As page_begin and page_end, of what is to be printed; name: the file's, without language and
 * ".pdf"; of: the hash of what it says. */
void print_begin(struct page *page, struct text title);
void print_end(struct page *page, struct text name, struct text of);

/* Answers a page that ended with print_end, or holds its request. */
void print_answer(struct page *page);
