/*
 * page: an answer in HTML: its language, its frame (head, header, footer), its headers. A page is a
 * function of the route table (route.h) that reads in page->tx and writes by page->html between
 * page_begin and page_end; errors of the store need no branch (tx.h): what was written is then
 * thrown away for page_failed.
 */
#pragma once

#include "common/phrase.h"
#include "workers/web/html.h"
#include "workers/web/web.h"

struct page {
        struct web *web;
        struct request *request;
        struct tx *tx;
        struct arena *arena; /* the request's: lives until it is answered */
        struct html *html;
        enum language language;
        const struct person *person; /* who is signed in (session.h), or NULL */
        struct text argument;        /* what stands in the path where the route has * */
        struct text query;           /* what links to the other languages keep of the query */
        unsigned status;             /* 200 unless set */
        struct text location;        /* where page_go_to sends the browser */
        struct text disposition;     /* how it is to take what page_give was given */
        struct text file, type;      /* what page_give was given, and of what kind */
        struct text print; /* name and hash of what is to be printed (print.h); none: it is shown */
        bool done;         /* page_end, page_go_to or page_give was called */
};

/* Places of a phrase: PLACES({ "title", title }). */
#define PLACES(...) ((const struct place[]){ __VA_ARGS__, { NULL, { 0 } } })

/* Chooses the language: ?lang=nn, else the cookie, else what the browser asks for, else bokmål. */
void page_init(struct page *page, struct web *web, struct request *request);
void page_clear(struct page *page);

/* Opens the page up to its <h1>; title is both. */
void page_begin(struct page *page, struct text title);
void page_end(struct page *page);

/* A script of ours, by its file's name: before page_end. */
void page_put_script(struct page *page, const char *name);

/* 303: the browser goes on with a GET, in the language that it asked for here. */
void page_go_to(struct page *page, struct text path);

/* A table to keep instead of a page: CSV, under that name. */
void page_give(struct page *page, struct text name, struct text file);

/* The same of any kind, to be shown where a browser can. */
void page_give_as(struct page *page, struct text type, struct text name, struct text file);

/* Answers with what page_end, page_go_to or page_give left. */
void page_answer(struct page *page);

/* A whole page that says why not, with that status: a heading, a sentence, a link to the start:
 * of who is signed in the own one. */
void page_refuse(struct page *page, unsigned status, enum phrase title, struct text why);
void page_not_found(struct page *page);
void page_not_yours(struct page *page); /* of who is signed in */
void page_failed(struct page *page);

/* The store did not take what was sent, and says why; or nobody knows whether it did. */
void page_rejected(struct page *page);
void page_unknown(struct page *page);

/* The phrase in the page's language; the same as an element. */
struct text page_say(const struct page *page, enum phrase what, const struct place *places);
void page_put(const struct page *page, const char *element, enum phrase what,
              const struct place *places);

/* What was just done, at the top of the page: said aloud, too. */
void page_note(const struct page *page, enum phrase what);

/* A link in a paragraph of its own. */
void page_put_link(const struct page *page, struct text href, enum phrase words);

/* Of three wordings the one in the page's language. */
struct text page_pick(const struct page *page, struct text nb, struct text nn, struct text en);

/* "onsdag 27. januar 2027". */
int32_t page_today(const struct page *page); /* in Oslo */
struct text page_day(const struct page *page, int32_t day);

/* "27.01.2027 kl. 15.00" */
struct text page_time(const struct page *page, int64_t time);

/* Counts what is asked for against a limit a minute (limit.h). False: too often; the page asks to
 * wait. */
bool page_is_allowed(struct page *page, struct limit *limit, const struct limit_most *most,
                     struct text thing);
