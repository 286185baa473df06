/*
 * results_newest: each is read as its own page reads it, so that nothing is shown here that is not
 * shown there. Of the questions the first, which is about the whole, and those about one sub-goal
 * each.
 */
#include "workers/web/results_newest.h"

#include "workers/web/results_report.h"
#include <string.h>

/* "N1-S1 Kom i gang med forbedring"; of a survey its name, which has its year. */
static struct text find_title(const struct results *r)
{
        const struct text name = results_name(r);
        return r->survey ? name
                         : arena_printf(r->page->arena, "%.*s %.*s",
                                        TEXT_ARGS(r->report.of.session), TEXT_ARGS(name));
}

static size_t find_rows(const struct results *r, struct results_row *rows)
{
        size_t count = 0;
        for (size_t i = 0; i < r->report.questions.count; i++) {
                const struct report_questions *q = &r->report.questions.row[i];
                if (!q->municipality.at &&
                    (count == 0 || memchr(q->question.at, '/', q->question.size)))
                        rows[count++] =
                                (struct results_row){ .about = page_pick(r->page, q->text_nb,
                                                                         q->text_nn, q->text_en),
                                                      .counts = q->counts };
        }
        return count;
}

static void put_one(const struct results *r, size_t number)
{
        struct page *page = r->page;
        struct html *h = page->html;
        struct results_row *rows =
                arena_array(page->arena, r->report.questions.count, sizeof *rows);
        const struct text title = find_title(r);
        html_open(h, "li");
        html_open(h, "div");
        html_open(h, "h3");
        html_set(h, "class", TEXT("ds-heading"));
        html_link(
                h,
                arena_printf(page->arena, "/results/session/%.*s", TEXT_ARGS(r->report.of.session)),
                title);
        html_close(h);
        results_put_network(r);
        results_put_answered(r);
        html_close(h);
        results_put_folded_bars(
                page, arena_printf(page->arena, "newest%zu", number).at,
                page_say(page, PHRASE_results_questions_of, PLACES({ "of", title })), rows,
                find_rows(r, rows));
        html_close(h);
}

void results_put_newest(struct page *page)
{
        const struct web_newest_rows newest = web_newest(page->tx);
        struct results r;
        if (newest.count == 0)
                return;
        results_init(&r, page);
        html_classed(page->html, "h2", "ds-heading", page_say(page, PHRASE_start_newest, NULL));
        page_put(page, "p", PHRASE_start_newest_read, NULL);
        html_open(page->html, "ul");
        html_set(page->html, "class", TEXT("lines newest"));
        for (size_t i = 0; i < newest.count; i++)
                if (results_read_questions(&r,
                                           (struct report_of){ .session = newest.row[i].session }))
                        put_one(&r, i);
        html_close(page->html);
}
