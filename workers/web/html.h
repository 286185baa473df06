/*
 * html: a page as it is written, element by element. A thin cover of libxml2's xmlTextWriter, which
 * escapes by construction: what is said is text, whatever it holds. Elements that HTML calls void
 * (input, br, …) end as such; all others have an end tag.
 */
#pragma once

#include "common/arena.h"
#include <libxml/xmlwriter.h>

struct html;

/* A document that begins with <!DOCTYPE html>; html_destroy gives it back. */
struct html *html_new(void);
void html_destroy(struct html **html);

/* Opens an element, sets an attribute of the one just opened, says text in it, closes the
 * innermost. */
void html_open(struct html *html, const char *element);
void html_set(struct html *html, const char *attribute, struct text value);
void html_flag(struct html *html, const char *attribute); /* checked, required, … */
void html_say(struct html *html, struct text words);
void html_close(struct html *html);

/* An element with text alone; the same with a class. */
void html_element(struct html *html, const char *element, struct text words);
void html_classed(struct html *html, const char *element, const char *classes, struct text words);

/* From here each row and cell that is opened says its role, and each cell the label of its column
 * (data-label), for screens where a style sheet puts cells below each other. NULL, 0: no more. */
void html_label_cells(struct html *html, const struct text *labels, size_t count);

/* <a href>words</a> */
void html_link(struct html *html, struct text href, struct text words);

/* For what is written by the same means, such as SVG: closes what it opens. */
xmlTextWriterPtr html_writer(struct html *html);

/* What is written so far, between two elements; and such a part, put anew. */
struct text html_written(struct html *html);
void html_put(struct html *html, struct text written);

/* Closes all that is open. The bytes live as long as html. */
struct text html_end(struct html *html);
