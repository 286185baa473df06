/*
 * table: a table with a caption and column heads. On a narrow screen its cells stand below each
 * other, each with its column's head; elsewhere it scrolls by itself where it is wider than the
 * page, and can be reached by keyboard to do so.
 */
#pragma once

#include "workers/web/page.h"

/* Opens the table up to its first row; heads end with PHRASE_count. */
void table_begin(struct page *page, struct text caption, const enum phrase *heads);
void table_end(struct page *page);

/* A row with its cells between the two. */
void table_row(struct page *page);
void table_end_row(struct page *page);

/* A cell with words, a number, an amount, a time ("27.01.2027 kl. 15.00"). */
void table_cell(struct page *page, struct text words);
void table_number(struct page *page, int64_t number);
void table_money(struct page *page, int64_t ore);
void table_time(struct page *page, int64_t time);

/* A cell with a link. */
void table_link(struct page *page, struct text href, struct text words);

/* A cell with a day. What is DB_NULL is said in the phrase's words. */
void table_day(struct page *page, int64_t day, enum phrase none);
void table_day_of(struct page *page, int64_t time, enum phrase none); /* the day in Oslo */
