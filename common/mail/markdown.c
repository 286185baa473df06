/*
 * markdown: checks it, and writes it as HTML, which is md4c's. The plain text is markdown_text.c's.
 */
#include "common/mail/markdown.h"

#include "common/log.h"
#include "common/mail/markdown_flags.h"
#include <md4c-html.h>
#include <stdio.h>

/* Whether a link leads where a reader expects. */
static bool is_good_link(struct text href)
{
        return text_starts(href, TEXT("https://")) || text_starts(href, TEXT("http://")) ||
               text_starts(href, TEXT("mailto:"));
}

/* Says what is wrong; ends the parsing (md4c goes on after a positive number). */
static int refuse(struct fault *fault, const char *what, struct text which, const char *way_out)
{
        int size = which.size < 80 ? (int)which.size : 80;
        snprintf(fault->reason, sizeof fault->reason, "%s%.*s: %s", what, size,
                 which.at ? which.at : "", way_out);
        return -1;
}

static int check_block(MD_BLOCKTYPE type, void *detail, void *context)
{
        if (type == MD_BLOCK_H && ((MD_BLOCK_H_DETAIL *)detail)->level == 1)
                return refuse(context, "a heading with one #", TEXT(""),
                              "the title is the first heading; begin those inside with ##");
        return 0;
}

static int check_span(MD_SPANTYPE type, void *detail, void *context)
{
        if (type == MD_SPAN_IMG) {
                const MD_ATTRIBUTE *source = &((MD_SPAN_IMG_DETAIL *)detail)->src;
                return refuse(context, "the picture ", (struct text){ source->text, source->size },
                              "letters fetch nothing; link to it instead");
        }
        if (type == MD_SPAN_A) {
                const MD_ATTRIBUTE *href = &((MD_SPAN_A_DETAIL *)detail)->href;
                const struct text target = { href->text, href->size };
                if (!is_good_link(target))
                        return refuse(context, "the link to ", target,
                                      "it must begin with https://, http:// or mailto:");
        }
        return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
        (void)type;
        (void)detail;
        (void)context;
        return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *context)
{
        (void)type;
        (void)detail;
        (void)context;
        return 0;
}

static int take_text(MD_TEXTTYPE type, const MD_CHAR *bytes, MD_SIZE size, void *context)
{
        (void)bytes;
        (void)size;
        return type == MD_TEXT_NULLCHAR ? refuse(context, "a NUL byte", TEXT(""), "take it out")
                                        : 0;
}

struct buffer markdown_padded(struct text markdown)
{
        static const char end[8] = "\n";
        struct buffer padded = { 0 };
        buffer_add(&padded, markdown.at, markdown.size);
        buffer_add(&padded, end, sizeof end);
        padded.size = markdown.size + 1;
        return padded;
}

bool markdown_check(struct text markdown, struct fault *fault)
{
        const MD_PARSER parser = { .flags = MARKDOWN_FLAGS,
                                   .enter_block = check_block,
                                   .leave_block = leave_block,
                                   .enter_span = check_span,
                                   .leave_span = leave_span,
                                   .text = take_text };
        if (!text_is_utf8(markdown)) {
                refuse(fault, "it", TEXT(""), "not UTF-8");
                return false;
        }
        struct buffer padded = markdown_padded(markdown);
        bool good = md_parse(padded.at, (MD_SIZE)padded.size, &parser, fault) == 0;
        buffer_clear(&padded);
        return good;
}

static void add_html(const MD_CHAR *bytes, MD_SIZE size, void *context)
{
        buffer_add(context, bytes, size);
}

struct text markdown_html(struct arena *arena, struct text markdown)
{
        struct buffer padded = markdown_padded(markdown), out = { 0 };
        if (md_html(padded.at, (MD_SIZE)padded.size, add_html, &out, MARKDOWN_FLAGS, 0) != 0)
                panic("md_html");
        buffer_clear(&padded);
        struct text html = arena_copy(arena, (struct text){ out.at ? out.at : "", out.size });
        buffer_clear(&out);
        return html;
}
