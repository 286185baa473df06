/*
 * html: the stack of open elements is xmlTextWriter's but for their names, which say how each is
 * closed. What XML forbids even escaped (control characters) becomes U+FFFD.
 */
#include "workers/web/html.h"

#include "common/log.h"
#include <stdlib.h>

enum { DEEPEST = 64 };

struct html {
        xmlBufferPtr buffer;
        xmlTextWriterPtr writer;
        const char *open[DEEPEST];
        size_t depth;
        struct arena *arena;       /* NUL-terminated copies for libxml2 */
        const struct text *labels; /* of a table's columns, of which the next cell is in column */
        size_t label_count, column;
};

/* A name of ours as libxml2 takes it. */
static const xmlChar *name_of(const char *name)
{
        return (const xmlChar *)name;
}

struct html *html_new(void)
{
        struct html *html = calloc(1, sizeof *html);
        if (!html)
                panic("out of memory");
        html->buffer = xmlBufferCreate();
        html->writer = html->buffer ? xmlNewTextWriterMemory(html->buffer, 0) : NULL;
        html->arena = arena_new();
        if (!html->writer)
                panic("out of memory for a page");
        xmlTextWriterWriteRaw(html->writer, name_of("<!DOCTYPE html>\n"));
        return html;
}

void html_destroy(struct html **html)
{
        if (!*html)
                return;
        xmlFreeTextWriter((*html)->writer);
        xmlBufferFree((*html)->buffer);
        arena_destroy(&(*html)->arena);
        free(*html);
        *html = NULL;
}

/* The text as libxml2 takes it. */
static const xmlChar *clean(struct html *html, struct text words)
{
        static const char stranger[] = "\xEF\xBF\xBD";
        size_t size = 0;
        char *copy = arena_raw(html->arena, 3 * words.size + 1);
        for (size_t i = 0; i < words.size; i++) {
                const unsigned char c = (unsigned char)words.at[i];
                if (c >= ' ' || c == '\t' || c == '\n') {
                        copy[size++] = (char)c;
                } else if (c != '\r') {
                        memcpy(copy + size, stranger, sizeof stranger - 1);
                        size += sizeof stranger - 1;
                }
        }
        copy[size] = '\0';
        return name_of(copy);
}

void html_label_cells(struct html *html, const struct text *labels, size_t count)
{
        html->labels = labels;
        html->label_count = count;
        html->column = 0;
}

/* What a row or a cell says of itself. */
static void label(struct html *html, const char *element)
{
        const bool head = strcmp(element, "th") == 0;
        if (strcmp(element, "tr") == 0) {
                html->column = 0;
                html_set(html, "role", TEXT("row"));
        } else if (head || strcmp(element, "td") == 0) {
                html_set(html, "role", head ? TEXT("rowheader") : TEXT("cell"));
                if (html->column < html->label_count)
                        html_set(html, "data-label", html->labels[html->column++]);
        }
}

void html_open(struct html *html, const char *element)
{
        if (html->depth == DEEPEST)
                panic("a page is nested too deep at <%s>", element);
        html->open[html->depth++] = element;
        xmlTextWriterStartElement(html->writer, name_of(element));
        if (html->labels)
                label(html, element);
}

void html_set(struct html *html, const char *attribute, struct text value)
{
        xmlTextWriterWriteAttribute(html->writer, name_of(attribute), clean(html, value));
}

void html_flag(struct html *html, const char *attribute)
{
        xmlTextWriterWriteAttribute(html->writer, name_of(attribute), name_of(""));
}

void html_say(struct html *html, struct text words)
{
        xmlTextWriterWriteString(html->writer, clean(html, words));
}

/* Whether HTML knows no end tag for it. */
static bool is_void(const char *element)
{
        static const char *const names[] = { "area",  "br",   "col",  "hr",    "img",
                                             "input", "link", "meta", "source" };
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (strcmp(names[i], element) == 0)
                        return true;
        return false;
}

void html_close(struct html *html)
{
        if (html->depth == 0)
                panic("a page closes what it has not opened");
        if (is_void(html->open[--html->depth]))
                xmlTextWriterEndElement(html->writer);
        else
                xmlTextWriterFullEndElement(html->writer);
}

void html_element(struct html *html, const char *element, struct text words)
{
        html_open(html, element);
        html_say(html, words);
        html_close(html);
}

void html_classed(struct html *html, const char *element, const char *classes, struct text words)
{
        html_open(html, element);
        html_set(html, "class", text_of(classes));
        html_say(html, words);
        html_close(html);
}

void html_link(struct html *html, struct text href, struct text words)
{
        html_open(html, "a");
        html_set(html, "class", TEXT("ds-link"));
        html_set(html, "href", href);
        html_say(html, words);
        html_close(html);
}

xmlTextWriterPtr html_writer(struct html *html)
{
        return html->writer;
}

struct text html_written(struct html *html)
{
        xmlTextWriterFlush(html->writer);
        return (struct text){ (const char *)xmlBufferContent(html->buffer),
                              (size_t)xmlBufferLength(html->buffer) };
}

void html_put(struct html *html, struct text written)
{
        xmlTextWriterWriteRawLen(html->writer, name_of(written.at), (int)written.size);
}

struct text html_end(struct html *html)
{
        while (html->depth > 0)
                html_close(html);
        return html_written(html);
}
