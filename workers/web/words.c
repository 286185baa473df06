/*
 * words: a line of text with its buttons for each thing that a person wrote. Only the page that
 * asks sends what deletes.
 */
#include "workers/web/words.h"

#include "workers/web/input.h"
#include "workers/web/session.h"
#include "workers/web/table.h"
#include "workers/web/words_sql.h"

/* What the path names: a tally, and perhaps a line of its words. */
struct asked {
        struct text tally, id;
        struct web_tally row;
        struct web_words_rows words;
};

static struct text tally_path(struct page *page, struct text tally)
{
        return arena_printf(page->arena, "/staff/words/%.*s", TEXT_ARGS(tally));
}

static struct text line_path(struct page *page, const struct asked *asked, struct text id)
{
        return arena_printf(page->arena, "/staff/words/%.*s/%.*s", TEXT_ARGS(asked->tally),
                            TEXT_ARGS(id));
}

static void put_tally(struct page *page, const struct web_tallies *row)
{
        const struct text title = page_pick(page, row->title_nb, row->title_nn, row->title_en);
        table_row(page);
        table_link(page, tally_path(page, row->tally),
                   arena_printf(page->arena, "%.*s %.*s", TEXT_ARGS(row->tally), TEXT_ARGS(title)));
        table_number(page, row->waiting);
        table_number(page, row->released);
        table_cell(page, row->expires_at == DB_NULL
                                 ? TEXT("")
                                 : day_short(page->arena, day_at(row->expires_at, NULL, NULL)));
        table_end_row(page);
}

void words_list(struct page *page, struct text caption)
{
        const struct web_tallies_rows rows =
                web_tallies(page->tx, page->person->id, tx_now(page->tx));
        page_put(page, "p", PHRASE_words_how, NULL);
        if (rows.count == 0) {
                page_put(page, "p", PHRASE_words_none, NULL);
                return;
        }
        table_begin(page, caption,
                    (const enum phrase[]){ PHRASE_words_evaluation, PHRASE_words_waiting,
                                           PHRASE_words_released, PHRASE_words_expires,
                                           PHRASE_count });
        for (size_t i = 0; i < rows.count; i++)
                put_tally(page, &rows.row[i]);
        table_end(page);
}

/* The line of that id, or NULL. */
static const struct web_words *find_line(const struct asked *asked, struct text id)
{
        for (size_t i = 0; i < asked->words.count; i++)
                if (text_equal(asked->words.row[i].id, id))
                        return &asked->words.row[i];
        return NULL;
}

/* Reads what page->argument names. False: the page says why not. */
static bool find(struct page *page, struct asked *asked)
{
        const int64_t person = page->person->id, now = tx_now(page->tx);
        asked->id = page->argument;
        asked->tally = text_cut(&asked->id, '/');
        if (!web_tally(page->tx, person, asked->tally, now, &asked->row)) {
                page_not_found(page);
                return false;
        }
        if (!asked->row.may) {
                page_refuse(page, 403, PHRASE_page_refused,
                            page_say(page,
                                     asked->row.survey ? PHRASE_survey_words_not_yours
                                                       : PHRASE_words_not_yours,
                                     NULL));
                return false;
        }
        asked->words = web_words(page->tx, person, asked->tally, now);
        return true;
}

/* Who reads it, and until when: said before anything can be released. */
static void put_terms(struct page *page, const struct asked *asked)
{
        const struct text_array sessions = asked->row.sessions;
        struct text names = { 0 };
        for (size_t i = 0; i < sessions.count; i++)
                names = arena_printf(page->arena, "%.*s%s%.*s", TEXT_ARGS(names), i ? ", " : "",
                                     TEXT_ARGS(sessions.at[i]));
        if (sessions.count > 1)
                page_put(page, "p", PHRASE_results_together, PLACES({ "sessions", names }));
        html_open(page->html, "div");
        html_set(page->html, "class", TEXT("ds-alert"));
        html_set(page->html, "data-color", TEXT("info"));
        page_put(page, "p", asked->row.survey ? PHRASE_survey_words_readers : PHRASE_words_readers,
                 NULL);
        if (asked->row.expires_at != DB_NULL)
                page_put(page, "p", PHRASE_words_until,
                         PLACES({ "day",
                                  page_day(page, day_at(asked->row.expires_at, NULL, NULL)) }));
        page_put(page, "p", PHRASE_words_look, NULL);
        html_close(page->html);
}

static struct text line_name(struct page *page, const struct web_words *line)
{
        return arena_printf(page->arena, "w-%.*s", TEXT_ARGS(line->id));
}

static void put_said(struct page *page, const struct web_words *line)
{
        html_open(page->html, "p");
        html_set(page->html, "class", TEXT("said"));
        html_set(page->html, "id", line_name(page, line));
        html_say(page->html, line->words);
        html_close(page->html);
}

/* Opens a form that does something with the line. */
static void begin_form(struct page *page, const char *what, struct text id)
{
        input_begin_form(page, "row", what);
        input_hidden(page, "id", id);
}

/* A line, how it stands, and what can be done with it. */
static void put_line(struct page *page, const struct asked *asked, const struct web_words *line)
{
        struct html *h = page->html;
        const bool released = line->released_at != DB_NULL;
        html_open(h, "li");
        put_said(page, line);
        if (released)
                page_put(page, "p", PHRASE_words_is_released,
                         PLACES({ "name", line->released_by },
                                { "day",
                                  day_short(page->arena, day_at(line->released_at, NULL, NULL)) }));
        else
                page_put(page, "p", PHRASE_words_is_not_released, NULL);
        begin_form(page, released ? "withdraw" : "release", line->id);
        input_button_about(page, released ? PHRASE_words_withdraw : PHRASE_words_release,
                           line_name(page, line));
        html_open(h, "a");
        html_set(h, "class", TEXT("ds-button"));
        html_set(h, "data-variant", TEXT("secondary"));
        html_set(h, "data-color", TEXT("danger"));
        html_set(h, "href", line_path(page, asked, line->id));
        html_set(h, "aria-describedby", line_name(page, line));
        html_say(h, page_say(page, PHRASE_words_remove, NULL));
        html_close(h);
        html_close(h);
        html_close(h);
}

/* All lines, question by question. */
static void put_lines(struct page *page, const struct asked *asked)
{
        struct html *h = page->html;
        for (size_t i = 0; i < asked->words.count; i++) {
                const struct web_words *line = &asked->words.row[i], *next = line + 1;
                if (i == 0 || !text_equal(line->question, line[-1].question) ||
                    line->version != line[-1].version) {
                        html_classed(h, "h2", "ds-heading",
                                     page_pick(page, line->text_nb, line->text_nn, line->text_en));
                        html_open(h, "ul");
                        html_set(h, "class", TEXT("lines"));
                }
                put_line(page, asked, line);
                if (i + 1 == asked->words.count || !text_equal(line->question, next->question) ||
                    line->version != next->version)
                        html_close(h);
        }
}

static void put_all(struct page *page, const struct asked *asked)
{
        const struct web_tally *row = &asked->row;
        const struct text title = page_pick(page, row->title_nb, row->title_nn, row->title_en);
        page_begin(page, page_say(page, PHRASE_words_title, PLACES({ "title", title })));
        if (asked->words.count > 0)
                put_terms(page, asked);
        else
                page_put(page, "p", PHRASE_words_none, NULL);
        put_lines(page, asked);
        page_put_link(page, TEXT("/staff/words"), PHRASE_words_all);
        page_end(page);
}

/* Asks before it deletes. */
static void put_question(struct page *page, const struct asked *asked, const struct web_words *line)
{
        page_begin(page, page_say(page, PHRASE_words_remove_question, NULL));
        struct html *h = page->html;
        page_put(page, "p", PHRASE_words_remove_why, NULL);
        put_said(page, line);
        begin_form(page, "remove", line->id);
        html_open(h, "button");
        html_set(h, "class", TEXT("ds-button"));
        html_set(h, "data-color", TEXT("danger"));
        html_set(h, "type", TEXT("submit"));
        html_set(h, "aria-describedby", line_name(page, line));
        html_say(h, page_say(page, PHRASE_words_remove_yes, NULL));
        html_close(h);
        html_open(h, "a");
        html_set(h, "class", TEXT("ds-button"));
        html_set(h, "data-variant", TEXT("secondary"));
        html_set(h, "href", tally_path(page, asked->tally));
        html_say(h, page_say(page, PHRASE_page_no_back, NULL));
        html_close(h);
        html_close(h);
        page_end(page);
}

void words_show(struct page *page)
{
        struct asked asked;
        if (!find(page, &asked))
                return;
        const struct web_words *line = find_line(&asked, asked.id);
        if (line)
                put_question(page, &asked, line);
        else if (asked.id.at)
                page_not_found(page);
        else
                put_all(page, &asked);
}

void words_take(struct page *page)
{
        static const struct {
                const char *what;
                int64_t (*act)(struct tx *, int64_t, struct text_array, int64_t);
                bool asked; /* from the page that asks alone */
        } acts[] = {
                { "release", web_release, false },
                { "withdraw", web_withdraw, false },
                { "remove", web_remove, true },
        };
        const struct text what = request_field(page->request, "what");
        struct text id = request_field(page->request, "id");
        struct asked asked;
        if (!find(page, &asked))
                return;
        for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
                if (text_equal(what, text_of(acts[i].what)) && find_line(&asked, id) &&
                    acts[i].asked == text_equal(asked.id, id))
                        acts[i].act(page->tx, page->person->id, (struct text_array){ &id, 1 },
                                    tx_now(page->tx));
        page_go_to(page, tally_path(page, asked.tally));
}
