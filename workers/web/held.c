/*
 * held: the page says how the session stands; as long as it stands in the calendar and is over, it
 * asks. A GET changes nothing.
 */
#include "workers/web/held.h"

#include "common/link.h"
#include "workers/web/held_sql.h"
#include "workers/web/input.h"
#include "workers/web/session.h"

enum { PLACE_MOST = 200 };

/* Which session, and who speaks. */
struct asked {
        struct text meeting;
        int64_t person;
        struct web_session row;
};

/* By the link, or by the person's session. False: the page says why not. */
static bool find(struct page *page, struct asked *asked)
{
        asked->meeting = page->argument;
        if (page->person) {
                asked->person = page->person->id;
        } else if (!link_held_read(page->web->link_key, page->argument, &asked->meeting,
                                   &asked->person)) {
                page_refuse(page, 404, PHRASE_form_forged,
                            page_say(page, PHRASE_form_forged_why, NULL));
                return false;
        }
        const int32_t today = day_at(tx_now(page->tx), NULL, NULL);
        if (!web_session(page->tx, asked->meeting, asked->person, today, &asked->row)) {
                page_not_found(page);
                return false;
        }
        if (!asked->row.may)
                page_refuse(page, 403, PHRASE_page_refused,
                            page_say(page, PHRASE_held_not_yours, NULL));
        return asked->row.may;
}

/* Whether there is something to ask. */
static bool is_over(const struct page *page, const struct asked *asked)
{
        return text_equal(asked->row.state, TEXT("scheduled")) &&
               asked->row.ends_at <= tx_now(page->tx);
}

/* Opens a form that says what became of it. */
static void begin_form(struct page *page, const char *what)
{
        html_open(page->html, "form");
        html_set(page->html, "method", TEXT("post"));
        html_set(page->html, "class", TEXT("thumb"));
        input_hidden(page, "what", text_of(what));
        if (page->person)
                session_put_key(page);
}

/* Something to unfold, up to what is in it. */
static void begin_choice(struct page *page, enum phrase words, bool open)
{
        html_open(page->html, "details");
        html_set(page->html, "class", TEXT("thumb"));
        if (open)
                html_flag(page->html, "open");
        html_classed(page->html, "summary", "ds-button", page_say(page, words, NULL));
}

/* The new time; wrong: what was sent is none that lies ahead. */
static void put_move(struct page *page, bool wrong)
{
        begin_choice(page, PHRASE_held_moved, wrong);
        begin_form(page, "move");
        if (wrong) {
                html_open(page->html, "p");
                html_set(page->html, "class", TEXT("ds-validation-message"));
                html_set(page->html, "role", TEXT("alert"));
                html_say(page->html, page_say(page, PHRASE_held_no_time, NULL));
                html_close(page->html);
        }
        input_line(page, "day", "date", PHRASE_held_day);
        input_line(page, "from", "time", PHRASE_held_from);
        input_line(page, "until", "time", PHRASE_held_until);
        input_line(page, "place", "text", PHRASE_held_place);
        input_button(page, PHRASE_held_move);
        html_close(page->html);
        html_close(page->html);
}

/* The three answers. */
static void put_question(struct page *page, bool wrong)
{
        html_classed(page->html, "h2", "ds-heading", page_say(page, PHRASE_held_question, NULL));
        begin_form(page, "hold");
        input_button(page, PHRASE_held_yes);
        html_close(page->html);
        put_move(page, wrong);
        begin_choice(page, PHRASE_held_cancelled, false);
        begin_form(page, "cancel");
        page_put(page, "p", PHRASE_held_cancel_why, NULL);
        input_button(page, PHRASE_held_cancel);
        html_close(page->html);
        html_close(page->html);
}

/* How it stands. */
static void put_state(struct page *page, const struct asked *asked)
{
        const bool held = text_equal(asked->row.state, TEXT("held"));
        const bool cancelled = text_equal(asked->row.state, TEXT("cancelled"));
        page_put(page, "p",
                 held        ? PHRASE_held_is_held
                 : cancelled ? PHRASE_held_is_cancelled
                             : PHRASE_held_lies_ahead,
                 NULL);
        if (!held)
                return;
        html_open(page->html, "p");
        html_link(page->html, arena_printf(page->arena, "/show/%.*s", TEXT_ARGS(asked->meeting)),
                  page_say(page, PHRASE_held_show, NULL));
        html_close(page->html);
}

static void put(struct page *page, const struct asked *asked, bool wrong)
{
        const struct web_session *row = &asked->row;
        page_begin(page, page_pick(page, row->title_nb, row->title_nn, row->title_en));
        html_element(page->html, "p",
                     arena_printf(page->arena, "%.*s, %.*s – %.*s, %.*s",
                                  TEXT_ARGS(page_day(page, day_at(row->starts_at, NULL, NULL))),
                                  TEXT_ARGS(time_wall(page->arena, row->starts_at, page->language)),
                                  TEXT_ARGS(time_wall(page->arena, row->ends_at, page->language)),
                                  TEXT_ARGS(row->place)));
        if (is_over(page, asked))
                put_question(page, wrong);
        else
                put_state(page, asked);
        page_end(page);
}

void held_show(struct page *page)
{
        struct asked asked;
        if (find(page, &asked))
                put(page, &asked, false);
}

/* Moves the session to the time that was sent. False: that is none, or it does not lie ahead. */
static bool move(struct page *page, const struct asked *asked)
{
        const struct text day = request_field(page->request, "day");
        const struct text from = request_field(page->request, "from");
        const struct text until = request_field(page->request, "until");
        const struct text place = text_trim(request_field(page->request, "place"));
        struct web_move moved = { 0 };
        int64_t starts, ends;
        if (!time_parse(arena_printf(page->arena, "%.*sT%.*s", TEXT_ARGS(day), TEXT_ARGS(from)),
                        &starts) ||
            !time_parse(arena_printf(page->arena, "%.*sT%.*s", TEXT_ARGS(day), TEXT_ARGS(until)),
                        &ends) ||
            ends <= starts || ends <= tx_now(page->tx) || place.size > PLACE_MOST)
                return false;
        if (web_move(page->tx, asked->person, asked->meeting, starts, ends,
                     place.size ? place : (struct text){ 0 }, tx_now(page->tx), &moved))
                emit_meeting_rescheduled(
                        page->tx, &(struct meeting_rescheduled){ asked->meeting, moved.version });
        return true;
}

static void hold(struct page *page, const struct asked *asked)
{
        struct web_hold held;
        if (web_hold(page->tx, asked->person, asked->meeting, tx_now(page->tx), &held))
                emit_session_held(page->tx, &(struct session_held){ asked->meeting });
}

static void cancel(struct page *page, const struct asked *asked)
{
        struct web_cancel gone = { 0 };
        if (web_cancel(page->tx, asked->person, asked->meeting, tx_now(page->tx), &gone))
                emit_meeting_cancelled(page->tx,
                                       &(struct meeting_cancelled){ asked->meeting, gone.version });
}

void held_take(struct page *page)
{
        const struct text what = request_field(page->request, "what");
        struct asked asked;
        if (!find(page, &asked))
                return;
        if (!is_over(page, &asked)) { /* somebody was quicker: the page says how it stands */
                page_go_to(page, request_path(page->request));
                return;
        }
        tx_set_actor(page->tx, arena_printf(page->arena, "person/%lld", (long long)asked.person));
        bool good = true;
        if (text_equal(what, TEXT("hold")))
                hold(page, &asked);
        else if (text_equal(what, TEXT("cancel")))
                cancel(page, &asked);
        else
                good = move(page, &asked);
        if (good) {
                page_go_to(page, request_path(page->request));
                return;
        }
        page->status = 422;
        put(page, &asked, true);
}
