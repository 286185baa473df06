/*
 * markdown_text: Markdown as a reader of plain text would want it: paragraphs wrapped, lists with
 * dashes and numbers, quotations with >, a link's address behind its words. The words of a block
 * are collected in .line and written out, with what it stands in before each line, when the block
 * ends or another begins inside.
 */
#include "common/mail/markdown.h"

#include "common/log.h"
#include "common/mail/markdown_flags.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_WIDTH = 72, MOST_LEVELS = 24 };

/* A list, an item or a quotation that we are inside of. */
struct level {
        MD_BLOCKTYPE type;
        bool tight, marked; /* a list without empty lines; an item whose marker is written */
        unsigned number;    /* of the next item; 0: a dash */
        char marker[16];
};

struct writer {
        struct buffer out, line;
        struct level levels[MOST_LEVELS];
        size_t depth;
        bool gap; /* an empty line goes before the next words */
        size_t link_start;
};

static void add(struct buffer *out, struct text t)
{
        buffer_add(out, t.at, t.size);
}

/* What stands before a line: quotation signs, and the item's marker or as many spaces. Returns
 * its width. */
static size_t add_prefix(struct writer *w)
{
        size_t width = 0;
        for (size_t i = 0; i < w->depth; i++) {
                struct level *level = &w->levels[i];
                size_t size = strlen(level->marker);
                if (level->type == MD_BLOCK_LI && level->marked)
                        for (size_t n = 0; n < size; n++)
                                add(&w->out, TEXT(" "));
                else
                        add(&w->out, text_of(level->marker));
                level->marked = true;
                width += size;
        }
        return width;
}

/* Ends a line, without blanks at its end. */
static void end_line(struct writer *w)
{
        while (w->out.size > 0 && w->out.at[w->out.size - 1] == ' ')
                w->out.size--;
        add(&w->out, TEXT("\n"));
}

/* Characters, not bytes. */
static size_t count_characters(struct text t)
{
        size_t count = 0;
        for (size_t i = 0; i < t.size; i++)
                count += ((unsigned char)t.at[i] & 0xC0) != 0x80;
        return count;
}

/* An empty line before the next words, inside quotations too, but not at the beginning. */
static void add_gap(struct writer *w)
{
        if (!w->gap || !w->out.size)
                return;
        for (size_t i = 0; i < w->depth; i++)
                if (w->levels[i].type == MD_BLOCK_QUOTE)
                        add(&w->out, text_of(w->levels[i].marker));
        end_line(w);
        w->gap = false;
}

/* One line of words, wrapped. */
static void add_wrapped(struct writer *w, struct text words)
{
        size_t width = add_prefix(w), column = 0;
        while (words.at) {
                struct text word = text_cut(&words, ' ');
                size_t size = count_characters(word);
                if (column > 0 && width + column + 1 + size > LINE_WIDTH) {
                        end_line(w);
                        add_prefix(w);
                        column = 0;
                } else if (column > 0) {
                        add(&w->out, TEXT(" "));
                        column++;
                }
                add(&w->out, word);
                column += size;
        }
        end_line(w);
}

/* Writes the collected words out: wrapped, or as they are. */
static void flush(struct writer *w, bool wrapped)
{
        struct text rest = { w->line.at, w->line.size };
        if (!w->line.size)
                return;
        add_gap(w);
        while (rest.at && rest.size) {
                struct text line = text_cut(&rest, '\n');
                if (wrapped) {
                        add_wrapped(w, line);
                } else {
                        add_prefix(w);
                        add(&w->out, TEXT("    "));
                        add(&w->out, line);
                        end_line(w);
                }
        }
        w->line.size = 0;
}

/* The list that we are in, or NULL. */
static struct level *list_of(struct writer *w)
{
        for (size_t i = w->depth; i-- > 0;)
                if (w->levels[i].type == MD_BLOCK_UL || w->levels[i].type == MD_BLOCK_OL)
                        return &w->levels[i];
        return NULL;
}

/* Goes a level deeper. Deeper than a person writes ends the parsing. */
static int push(struct writer *w, MD_BLOCKTYPE type, void *detail)
{
        struct level *list = list_of(w);
        if (w->depth == MOST_LEVELS)
                return -1;
        struct level *level = &w->levels[w->depth];
        *level = (struct level){ .type = type };
        if (type == MD_BLOCK_UL) {
                level->tight = ((MD_BLOCK_UL_DETAIL *)detail)->is_tight != 0;
        } else if (type == MD_BLOCK_OL) {
                level->tight = ((MD_BLOCK_OL_DETAIL *)detail)->is_tight != 0;
                level->number = ((MD_BLOCK_OL_DETAIL *)detail)->start + 1;
        } else if (type == MD_BLOCK_QUOTE) {
                memcpy(level->marker, "> ", 3);
        } else if (list && list->number) {
                snprintf(level->marker, sizeof level->marker, "%u. ", list->number++ - 1);
        } else {
                memcpy(level->marker, "- ", 3);
        }
        w->depth++;
        return 0;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *context)
{
        struct writer *w = context;
        flush(w, true);
        if (type == MD_BLOCK_UL || type == MD_BLOCK_OL || type == MD_BLOCK_LI ||
            type == MD_BLOCK_QUOTE)
                return push(w, type, detail);
        return 0;
}

/* A heading of level 2 is underlined. */
static void underline(struct writer *w, size_t width)
{
        add_prefix(w);
        for (size_t i = 0; i < width && i < LINE_WIDTH; i++)
                add(&w->out, TEXT("-"));
        end_line(w);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
        struct writer *w = context;
        size_t width = count_characters((struct text){ w->line.at, w->line.size });
        if (type == MD_BLOCK_HR)
                add(&w->line, TEXT("* * *"));
        flush(w, type != MD_BLOCK_CODE);
        if (type == MD_BLOCK_H && ((MD_BLOCK_H_DETAIL *)detail)->level == 2)
                underline(w, width);
        if (type == MD_BLOCK_UL || type == MD_BLOCK_OL || type == MD_BLOCK_LI ||
            type == MD_BLOCK_QUOTE)
                w->depth--;
        struct level *list = list_of(w);
        w->gap = w->gap || (type != MD_BLOCK_LI && !(list && list->tight));
        return 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *context)
{
        struct writer *w = context;
        (void)detail;
        if (type == MD_SPAN_A)
                w->link_start = w->line.size;
        return 0;
}

/* A link's address goes behind its words, unless they are the address. */
static int leave_span(MD_SPANTYPE type, void *detail, void *context)
{
        struct writer *w = context;
        if (type != MD_SPAN_A)
                return 0;
        const MD_ATTRIBUTE *attribute = &((MD_SPAN_A_DETAIL *)detail)->href;
        struct text href = { attribute->text, attribute->size };
        struct text words = { 0 };
        if (w->line.size > w->link_start) /* it may have none, and there may be no line yet */
                words = (struct text){ w->line.at + w->link_start, w->line.size - w->link_start };
        if (text_starts(href, TEXT("mailto:")))
                href = (struct text){ href.at + 7, href.size - 7 };
        if (!text_equal(words, href)) {
                add(&w->line, TEXT(" <"));
                add(&w->line, href);
                add(&w->line, TEXT(">"));
        }
        return 0;
}

/* The character of an entity: the usual names and numbers; others stay as written. */
static void add_entity(struct buffer *out, struct text entity)
{
        static const struct {
                const char *name, *value;
        } known[] = { { "&amp;", "&" },   { "&lt;", "<" },    { "&gt;", ">" },
                      { "&quot;", "\"" }, { "&apos;", "'" },  { "&nbsp;", "\xC2\xA0" },
                      { "&ndash;", "–" }, { "&mdash;", "—" }, { "&laquo;", "«" },
                      { "&raquo;", "»" } };
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
                if (text_equal(entity, text_of(known[i].name))) {
                        add(out, text_of(known[i].value));
                        return;
                }
        }
        add(out, entity);
}

static int take_text(MD_TEXTTYPE type, const MD_CHAR *bytes, MD_SIZE size, void *context)
{
        struct writer *w = context;
        if (type == MD_TEXT_BR)
                add(&w->line, TEXT("\n"));
        else if (type == MD_TEXT_SOFTBR)
                add(&w->line, TEXT(" "));
        else if (type == MD_TEXT_ENTITY)
                add_entity(&w->line, (struct text){ bytes, size });
        else
                add(&w->line, (struct text){ bytes, size });
        return 0;
}

struct text markdown_text(struct arena *arena, struct text markdown)
{
        const MD_PARSER parser = { .flags = MARKDOWN_FLAGS,
                                   .enter_block = enter_block,
                                   .leave_block = leave_block,
                                   .enter_span = enter_span,
                                   .leave_span = leave_span,
                                   .text = take_text };
        struct writer *w = calloc(1, sizeof *w);
        if (!w)
                panic("out of memory");
        struct buffer padded = markdown_padded(markdown);
        bool whole = md_parse(padded.at, (MD_SIZE)padded.size, &parser, w) == 0;
        buffer_clear(&padded);
        struct text text =
                arena_copy(arena, (struct text){ w->out.at ? w->out.at : "", w->out.size });
        buffer_clear(&w->out);
        buffer_clear(&w->line);
        free(w);
        return whole ? text
                     : arena_copy(arena,
                                  markdown); /* deeper than a person writes: as it was written */
}
