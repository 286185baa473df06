/*
 * body: a list of parts, written out as plain text or as HTML. Whatever goes in is escaped on its
 * way out; the only markup is in this file and what md4c makes of Markdown.
 */
#include "common/mail/body.h"

#include "common/codec.h"
#include "common/mail/markdown.h"
#include <string.h>

#define LINE_WIDTH 72

enum part_kind { PART_HEADING, PART_PARAGRAPH, PART_FACT, PART_LINK, PART_MARKDOWN, PART_FOOTER };

struct part {
        enum part_kind kind;
        struct text words, more; /* a fact's value, a link's address, Markdown as HTML */
        struct part *next;
};

struct body {
        struct arena *arena;
        enum language language;
        struct part *first, **last;
};

/* An empty body in the arena. */
struct body *body_new(struct arena *arena, enum language language)
{
        struct body *body = arena_alloc(arena, sizeof(*body));

        *body = (struct body){ arena, language, NULL, NULL };
        body->last = &body->first;
        return body;
}

/* Adds a part at the end. */
static void add_part(struct body *body, enum part_kind kind, struct text words, struct text more)
{
        struct part *part = arena_alloc(body->arena, sizeof(*part));

        *part = (struct part){ kind, words, more, NULL };
        *body->last = part;
        body->last = &part->next;
}

void body_heading(struct body *body, struct text words)
{
        add_part(body, PART_HEADING, words, (struct text){ 0 });
}

void body_paragraph(struct body *body, struct text words)
{
        add_part(body, PART_PARAGRAPH, words, (struct text){ 0 });
}

void body_fact(struct body *body, struct text name, struct text value)
{
        add_part(body, PART_FACT, name, value);
}

void body_link(struct body *body, struct text words, struct text url)
{
        add_part(body, PART_LINK, words, url);
}

void body_markdown(struct body *body, struct text markdown)
{
        add_part(body, PART_MARKDOWN, markdown_text(body->arena, markdown),
                 markdown_html(body->arena, markdown));
}

void body_footer(struct body *body, struct text words)
{
        add_part(body, PART_FOOTER, words, (struct text){ 0 });
}

static void add(struct buffer *out, struct text t)
{
        buffer_add(out, t.at, t.size);
}

/* How many characters of UTF-8 it is. */
static size_t count_characters(struct text t)
{
        size_t count = 0;

        for (size_t i = 0; i < t.size; i++)
                count += ((unsigned char)t.at[i] & 0xC0) != 0x80;
        return count;
}

/* The words in lines of at most LINE_WIDTH characters, broken at spaces; a longer word stays
 * whole. */
static void add_wrapped(struct buffer *out, struct text words)
{
        size_t column = 0;

        while (words.at) {
                struct text word = text_cut(&words, ' ');
                size_t width = count_characters(word);

                if (column && column + 1 + width > LINE_WIDTH) {
                        add(out, TEXT("\n"));
                        column = 0;
                } else if (column) {
                        add(out, TEXT(" "));
                        column++;
                }
                add(out, word);
                column += width;
        }
        add(out, TEXT("\n"));
}

/* Takes what was written into the arena. */
static struct text finish(struct body *body, struct buffer *out)
{
        struct text whole = arena_copy(body->arena, (struct text){ out->at, out->size });

        buffer_clear(out);
        return whole;
}

/* One part as plain text; parts of another kind than the one before stand apart. */
static void write_text(struct buffer *out, const struct part *part, const struct part *before)
{
        if (before && (part->kind != PART_FACT || before->kind != PART_FACT))
                add(out, TEXT("\n"));
        if (part->kind == PART_FOOTER && before && before->kind != PART_FOOTER)
                add(out, TEXT("-- \n"));
        if (part->kind == PART_FACT) {
                add(out, part->words);
                add(out, TEXT(": "));
                add(out, part->more);
                add(out, TEXT("\n"));
                return;
        }
        if (part->kind == PART_MARKDOWN) {
                add(out, part->words);
                return;
        }
        add_wrapped(out, part->words);
        if (part->kind == PART_LINK) {
                add(out, part->more);
                add(out, TEXT("\n"));
        }
}

/* The body as plain text. */
struct text body_text(struct body *body)
{
        struct buffer out = { 0 };
        const struct part *before = NULL;

        for (const struct part *part = body->first; part; before = part, part = part->next)
                write_text(&out, part, before);
        return finish(body, &out);
}

/* The words as HTML, in content and in quoted attributes. */
static void add_escaped(struct buffer *out, struct text words)
{
        for (size_t i = 0; i < words.size; i++)
                switch (words.at[i]) {
                case '&':
                        add(out, TEXT("&amp;"));
                        break;
                case '<':
                        add(out, TEXT("&lt;"));
                        break;
                case '>':
                        add(out, TEXT("&gt;"));
                        break;
                case '"':
                        add(out, TEXT("&quot;"));
                        break;
                default:
                        buffer_add(out, words.at + i, 1);
                }
}

/* Words between an opening and a closing. */
static void add_element(struct buffer *out, const char *opening, struct text words,
                        const char *closing)
{
        add(out, text_of(opening));
        add_escaped(out, words);
        add(out, text_of(closing));
}

/* One part as HTML. Facts in a row are one list. */
static void write_html(struct buffer *out, const struct part *part, const struct part *before)
{
        bool in_list = before && before->kind == PART_FACT;

        if (in_list && part->kind != PART_FACT)
                add(out, TEXT("</dl>\n"));
        switch (part->kind) {
        case PART_HEADING:
                add_element(out, "<h1 style=\"font-size:1.4em\">", part->words, "</h1>\n");
                break;
        case PART_PARAGRAPH:
                add_element(out, "<p>", part->words, "</p>\n");
                break;
        case PART_FACT:
                add(out, in_list ? TEXT("") : TEXT("<dl>\n"));
                add_element(out, "<dt><strong>", part->words, "</strong></dt>");
                add_element(out, "<dd>", part->more, "</dd>\n");
                break;
        case PART_LINK:
                add_element(out, "<p><a href=\"", part->more, "\">");
                add_element(out, "", part->words, "</a></p>\n");
                break;
        case PART_MARKDOWN:
                add(out, part->more);
                break;
        case PART_FOOTER:
                if (!before || before->kind != PART_FOOTER)
                        add(out, TEXT("<hr>\n"));
                add_element(out, "<p style=\"font-size:.9em\">", part->words, "</p>\n");
        }
}

/* The body as an HTML document. */
struct text body_html(struct body *body)
{
        static const char *const codes[] = { "nb", "nn", "en" };
        struct buffer out = { 0 };
        const struct part *before = NULL;

        add(&out, TEXT("<!DOCTYPE html>\n<html lang=\""));
        add(&out, text_of(codes[body->language]));
        add_element(&out, "\">\n<head><meta charset=\"utf-8\"><title>",
                    body->first ? body->first->words : TEXT(""), "</title></head>\n");
        add(&out, TEXT("<body style=\"font-family:sans-serif;line-height:1.5;max-width:40em\">\n"));
        for (const struct part *part = body->first; part; before = part, part = part->next)
                write_html(&out, part, before);
        if (before && before->kind == PART_FACT)
                add(&out, TEXT("</dl>\n"));
        add(&out, TEXT("</body>\n</html>\n"));
        return finish(body, &out);
}
