/*
 * body: what a letter says, built once and read twice: as plain text and as HTML. Escaped by
 * construction: every word goes in through these functions. Plain structure (heading, paragraphs,
 * facts, one link, a footer): readable without styles, no pictures, nothing fetched, no tracking.
 */
#pragma once

#include "common/arena.h"
#include "common/day.h"

struct body;

struct body *body_new(struct arena *arena, enum language language);
void body_heading(struct body *body, struct text words);
void body_paragraph(struct body *body, struct text words);
void body_fact(struct body *body, struct text name, struct text value); /* "Sted: Drammen" */
void body_link(struct body *body, struct text words, struct text url);
void body_markdown(struct body *body, struct text markdown); /* that passed markdown_check */
void body_footer(struct body *body, struct text words);      /* a small paragraph, below a line */

struct text body_text(struct body *body); /* lines end in LF, seldom longer than 72 characters */
struct text body_html(struct body *body); /* a whole document */
