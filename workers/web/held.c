/*
 * held: the page says how the session stands; as long as it stands in the calendar and is over, it
 * asks. A GET changes nothing.
 */
#include "workers/web/held.h"

#include "common/link.h"
#include "workers/web/attendance.h"
#include "workers/web/entrance.h"
#include "workers/web/held_sql.h"
#include "workers/web/input.h"
#include "workers/web/session.h"
#include "workers/web/ways.h"

enum { PLACE_MOST = 200 };

/* What is said with more than a press. */
enum choice { CHOICE_NONE, CHOICE_MOVE, CHOICE_ATTEND };

/* Which session, and who speaks. */
struct asked {
        struct text meeting;
        int64_t person;
        struct web_session row;
        enum phrase fault; /* what is wrong with the list of who was there; PHRASE_count: nothing */
};

/* By the link, or by the person's session. False: the page says why not. */
static bool find(struct page *page, struct asked *asked)
{
        asked->meeting = page->argument;
        asked->fault = PHRASE_count;
        if (page->person) {
                asked->person = page->person->id;
        } else if (!link_held_read(page->web->link_key, page->argument, &asked->meeting,
                                   &asked->person)) {
                page_refuse(page, 404, PHRASE_form_forged,
                            page_say(page, PHRASE_form_forged_why, NULL));
                return false;
        }
        const int32_t today = page_today(page);
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

/* The new time; wrong: what was sent is none that lies ahead. */
static void put_move(struct page *page, bool wrong)
{
        input_begin_choice(page, page_say(page, PHRASE_held_moved, NULL), wrong);
        input_begin_form(page, "thumb", "move");
        if (wrong)
                input_fault(page, PHRASE_held_no_time);
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
        input_begin_form(page, "thumb", "hold");
        input_button(page, PHRASE_held_yes);
        html_close(page->html);
        put_move(page, wrong);
        input_begin_choice(page, page_say(page, PHRASE_held_cancelled, NULL), false);
        input_begin_form(page, "thumb", "cancel");
        page_put(page, "p", PHRASE_held_cancel_why, NULL);
        input_button(page, PHRASE_held_cancel);
        html_close(page->html);
        html_close(page->html);
}

/* Whether it has begun: somebody may be there. */
static bool has_begun(const struct page *page, const struct asked *asked)
{
        return !text_equal(asked->row.state, TEXT("cancelled")) &&
               asked->row.starts_at <= tx_now(page->tx);
}

static bool is_held(const struct asked *asked)
{
        return text_equal(asked->row.state, TEXT("held"));
}

/* What became of its evaluation, once that is closed. */
static void put_results(struct page *page, const struct asked *asked)
{
        if (text_equal(asked->row.standing, TEXT("hidden")))
                page_put(page, "p", PHRASE_held_no_results, NULL);
        if (!text_equal(asked->row.standing, TEXT("shown")))
                return;
        html_open(page->html, "p");
        html_link(page->html,
                  arena_printf(page->arena, "/results/session/%.*s", TEXT_ARGS(asked->meeting)),
                  page_say(page, PHRASE_results_title, PLACES({ "of", asked->meeting })));
        html_close(page->html);
}

/* Whether its participants have been asked, and can answer no more. */
static bool is_closed(const struct asked *asked)
{
        return text_equal(asked->row.standing, TEXT("hidden")) ||
               text_equal(asked->row.standing, TEXT("shown"));
}

/* How it stands. */
static void put_state(struct page *page, const struct asked *asked)
{
        const bool cancelled = text_equal(asked->row.state, TEXT("cancelled"));
        page_put(page, "p",
                 is_closed(asked)         ? PHRASE_held_is_closed
                 : is_held(asked)         ? PHRASE_held_is_held
                 : cancelled              ? PHRASE_held_is_cancelled
                 : has_begun(page, asked) ? PHRASE_held_is_on
                                          : PHRASE_held_lies_ahead,
                 NULL);
        if (is_held(asked))
                entrance_put_progress(page, asked->meeting);
        put_results(page, asked);
}

/* wrong: the choice that was sent with something missing, if any. */
static void put(struct page *page, const struct asked *asked, enum choice wrong)
{
        const struct web_session *row = &asked->row;
        page_begin(page, page_pick(page, row->title_nb, row->title_nn, row->title_en));
        html_element(page->html, "p",
                     arena_printf(page->arena, "%.*s, %.*s – %.*s, %.*s",
                                  TEXT_ARGS(page_day(page, day_at(row->starts_at, NULL, NULL))),
                                  TEXT_ARGS(time_wall(page->arena, row->starts_at, page->language)),
                                  TEXT_ARGS(time_wall(page->arena, row->ends_at, page->language)),
                                  TEXT_ARGS(row->place)));
        if (!is_over(page, asked))
                put_state(page, asked);
        if (has_begun(page, asked))
                attendance_put(page, asked->meeting, asked->person, is_held(asked), asked->fault);
        if (is_over(page, asked))
                put_question(page, wrong == CHOICE_MOVE);
        if (page->person) /* signed in, not by the letter's link */
                ways_put_back(page);
        page_end(page);
}

void held_show(struct page *page)
{
        struct asked asked;
        if (find(page, &asked))
                put(page, &asked, CHOICE_NONE);
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

/* Does what was chosen, if it can be. Returns what something is missing of. */
static enum choice act(struct page *page, struct asked *asked)
{
        const struct text what = request_field(page->request, "what");
        if (text_equal(what, TEXT("attend")) && has_begun(page, asked)) {
                asked->fault = attendance_take(page, asked->meeting, asked->person);
                return asked->fault == PHRASE_count ? CHOICE_NONE : CHOICE_ATTEND;
        }
        if (!is_over(page, asked)) /* somebody was quicker: the page says how it stands */
                return CHOICE_NONE;
        if (text_equal(what, TEXT("hold")))
                hold(page, asked);
        else if (text_equal(what, TEXT("cancel")))
                cancel(page, asked);
        else if (!move(page, asked))
                return CHOICE_MOVE;
        return CHOICE_NONE;
}

void held_take(struct page *page)
{
        struct asked asked;
        if (!find(page, &asked))
                return;
        tx_set_actor(page->tx, arena_printf(page->arena, "person/%lld", (long long)asked.person));
        const enum choice wrong = act(page, &asked);
        if (wrong == CHOICE_NONE) {
                page_go_to(page, request_path(page->request));
                return;
        }
        page->status = asked.fault == PHRASE_attendance_changed ? 409 : 422;
        put(page, &asked, wrong);
}
