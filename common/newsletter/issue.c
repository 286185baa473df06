/*
 * issue: reads the file line by line; the first fault ends it. What it returns is whole: both
 * written standards are there, every text may stand in a letter, every name is a code. Whether the
 * names exist, the store knows.
 */
#include "common/newsletter/issue.h"

#include "common/mail/markdown.h"
#include <stdarg.h>
#include <stdio.h>

static const char *const codes[ISSUE_LANGUAGES] = { "nb", "nn", "en" };

struct reader {
        struct text rest; /* what is not read yet */
        struct arena *arena;
        struct issue *issue;
        int line;
        struct fault *fault;
};

/* Says what is wrong. Returns false. */
static bool __attribute__((format(printf, 2, 3))) refuse(struct reader *r, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        vsnprintf(r->fault->reason, sizeof r->fault->reason, format, args);
        va_end(args);
        return false;
}

/* The next line, without its end. */
static struct text next_line(struct reader *r)
{
        struct text line = text_cut(&r->rest, '\n');
        if (line.size && line.at[line.size - 1] == '\r')
                line.size--;
        r->line++;
        return line;
}

/* The language of a line "--- nb"; -1: it is none. */
static int section_of(struct text line)
{
        if (!text_starts(line, TEXT("---")))
                return -1;
        const struct text code = text_trim((struct text){ line.at + 3, line.size - 3 });
        for (int i = 0; i < ISSUE_LANGUAGES; i++)
                if (text_equal(code, text_of(codes[i])))
                        return i;
        return -1;
}

/* "N1, N2" */
static bool read_names(struct reader *r, struct text value, struct text_array *names)
{
        struct text *list = arena_array(r->arena, ISSUE_NAMES, sizeof *list);
        size_t count = 0;
        if (names->at)
                return refuse(r, "this stands twice");
        while (value.at) {
                struct text name = text_trim(text_cut(&value, ','));
                if (!text_is_code(name) || name.size > ISSUE_ID)
                        return refuse(r, "\"%.*s\" is no name; write names with commas between",
                                      name.size < 60 ? (int)name.size : 60, name.at ? name.at : "");
                if (count == ISSUE_NAMES)
                        return refuse(r, "more than %d names", ISSUE_NAMES);
                list[count++] = name;
        }
        *names = (struct text_array){ list, count };
        return true;
}

/* One value of the head, which may stand once and be at most so long. */
static bool read_value(struct reader *r, struct text value, struct text *to, size_t most)
{
        if (to->at)
                return refuse(r, "this stands twice");
        if (!value.size || value.size > most)
                return refuse(r, "this has 1 to %zu bytes", most);
        *to = value;
        return true;
}

/* "network: N1, N2" */
static bool read_head_line(struct reader *r, struct text line)
{
        struct issue *issue = r->issue;
        struct text value = line, key = text_trim(text_cut(&value, ':'));
        value = text_trim(value);
        if (text_equal(key, TEXT("newsletter"))) {
                if (value.at && !text_is_code(value))
                        return refuse(r, "an id has letters, digits and - . / _ alone");
                return read_value(r, value, &issue->id, ISSUE_ID);
        }
        if (text_equal(key, TEXT("network")))
                return read_names(r, value, &issue->networks);
        if (text_equal(key, TEXT("area")))
                return read_names(r, value, &issue->areas);
        if (text_equal(key, TEXT("role")))
                return read_names(r, value, &issue->roles);
        if (text_equal(key, TEXT("language")))
                return read_names(r, value, &issue->languages);
        for (int i = 0; i < ISSUE_LANGUAGES; i++)
                if (text_equal(key, arena_printf(r->arena, "title-%s", codes[i])))
                        return read_value(r, value, &issue->title[i], ISSUE_TITLE);
        return refuse(r, "a line of the head is newsletter:, network:, area:, role:, language: or "
                         "title-nb:, "
                         "title-nn:, title-en:; the text follows \"--- nb\"");
}

/* Lines up to the first section, whose language it returns; -1: a fault. */
static int read_head(struct reader *r)
{
        while (r->rest.at) {
                struct text line = next_line(r);
                int language = section_of(line);
                if (language >= 0)
                        return language;
                line = text_trim(line);
                if (line.size && line.at[0] != '#' && !read_head_line(r, line))
                        return -1;
        }
        r->line = 0;
        refuse(r, "there is no text: it follows a line \"--- nb\"");
        return -1;
}

/* The text of a language up to the next section, whose language it returns; ISSUE_LANGUAGES: the
 * end. -1: a fault. */
static int read_body(struct reader *r, int language)
{
        const char *start = r->rest.at;
        int first = r->line, next = -1;
        const char *end = start;
        while (r->rest.at && next < 0) {
                struct text line = next_line(r);
                next = section_of(line);
                if (next < 0)
                        end = line.at + line.size;
        }
        struct text body = text_trim((struct text){ start, start ? (size_t)(end - start) : 0 });
        int last = r->line;
        r->line = first;
        struct fault fault;
        bool good = true;
        if (!body.size || body.size > ISSUE_BODY)
                good = refuse(r, "the text of %s has 1 to %d bytes", codes[language], ISSUE_BODY);
        else if (r->issue->body[language].at)
                good = refuse(r, "the text of %s stands twice", codes[language]);
        else if (!markdown_check(body, &fault))
                good = refuse(r, "the text of %s: %s", codes[language], fault.reason);
        if (!good)
                return -1;
        r->issue->body[language] = body;
        r->line = last;
        return next < 0 ? ISSUE_LANGUAGES : next;
}

/* Whether nothing is missing. */
static bool check_whole(struct reader *r)
{
        const struct issue *issue = r->issue;
        r->line = 0;
        if (!issue->id.at)
                return refuse(r, "there is no line newsletter: with its id");
        for (int i = 0; i < ISSUE_LANGUAGES; i++) {
                if (!issue->title[i].at != !issue->body[i].at)
                        return refuse(r, "there is no %s in %s",
                                      issue->title[i].at ? "text" : "title", codes[i]);
                if (i != LANGUAGE_EN && !issue->title[i].at)
                        return refuse(r, "there is nothing in %s: a newsletter is in nb and nn",
                                      codes[i]);
        }
        return true;
}

bool issue_parse(struct text data, struct arena *arena, struct issue *issue, int *line,
                 struct fault *fault)
{
        struct reader r = { data, arena, issue, 0, fault };
        bool good = false;
        *issue = (struct issue){ 0 };
        if (text_starts(r.rest, TEXT("\xEF\xBB\xBF")))
                r.rest = (struct text){ data.at + 3, data.size - 3 };
        if (data.size > ISSUE_FILE) {
                refuse(&r, "the file is larger than %d bytes", ISSUE_FILE);
        } else if (!text_is_utf8(r.rest)) {
                refuse(&r, "the file is not UTF-8");
        } else {
                int language = read_head(&r);
                while (language >= 0 && language < ISSUE_LANGUAGES)
                        language = read_body(&r, language);
                good = language >= 0 && check_whole(&r);
        }
        *line = r.line;
        return good;
}
