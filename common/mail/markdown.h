/*
 * markdown: a newsletter's Markdown (CommonMark, by md4c) as plain text and as HTML. HTML written
 * in it is shown as words. Nothing in a letter is fetched and nobody is tracked, so pictures are
 * refused; links lead to https:, http: or mailto:. The title is the letter's first heading, so
 * headings inside begin with ##.
 */
#pragma once

#include "common/codec.h"

/* False: fault names what a letter may not hold, and the way out. */
bool markdown_check(struct text markdown, struct fault *fault);

/* What passed the check, in the arena. Lines of the text end in LF and are seldom longer than 72
 * characters. */
struct text markdown_text(struct arena *arena, struct text markdown);
struct text markdown_html(struct arena *arena, struct text markdown);
