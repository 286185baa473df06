/*
 * remedy: one table of remedies for both kinds of things. A GET changes nothing.
 */
#include "workers/web/remedy.h"

#include "workers/web/input.h"
#include "workers/web/naming.h"
#include "workers/web/remedy_sql.h"
#include "workers/web/session.h"
#include "workers/web/staff_sql.h"
#include "workers/web/table.h"

static const struct remedy {
        const char *name; /* in the path and in the log */
        bool event;       /* of a parked event, else of a letter */
        bool refused;     /* of a letter: also where it was refused */
        bool final;       /* asks once more */
        enum phrase words, why, done;
} remedies[] = {
        { "resend", false, true, true, PHRASE_remedy_resend, PHRASE_remedy_resend_why,
          PHRASE_remedy_resend_done },
        { "sent", false, false, true, PHRASE_remedy_sent, PHRASE_remedy_sent_why,
          PHRASE_remedy_sent_done },
        { "lost", false, false, true, PHRASE_remedy_lost, PHRASE_remedy_lost_why,
          PHRASE_remedy_lost_done },
        { "retry", true, false, false, PHRASE_remedy_retry, PHRASE_remedy_retry_why,
          PHRASE_remedy_retry_done },
        { "drop", true, false, true, PHRASE_remedy_drop, PHRASE_remedy_drop_why,
          PHRASE_remedy_drop_done },
};

enum { REMEDIES = sizeof remedies / sizeof *remedies };

/* A letter or a parked event, as the path names it. */
struct thing {
        bool event;
        struct text id, remedy; /* "notice/12"; what follows, or no text */
        struct web_undelivered letter;
        struct web_parked parked;
};

static const char *find_list(bool event)
{
        return event ? "/staff/parked" : "/staff/letters";
}

/* Reads the path and the row. False: there is no such thing, or no more. */
static bool find(struct page *page, bool event, struct thing *thing)
{
        struct text rest = page->argument;
        const struct text owner = text_cut(&rest, '/'), digits = text_cut(&rest, '/');
        int64_t number;
        *thing = (struct thing){ .event = event, .remedy = rest };
        if (!text_to_int(digits, &number) || number <= 0)
                return false;
        thing->id = arena_printf(page->arena, "%.*s/%lld", TEXT_ARGS(owner), (long long)number);
        if (event) {
                const struct web_parked_rows rows = web_parked(page->tx, owner, number);
                if (rows.count)
                        thing->parked = rows.row[0];
                return rows.count > 0;
        }
        const struct web_undelivered_rows rows = web_undelivered(page->tx, owner, number);
        if (rows.count)
                thing->letter = rows.row[0];
        return rows.count > 0;
}

/* Whether the remedy is one for the thing as it stands. */
static bool fits(const struct remedy *remedy, const struct thing *thing)
{
        if (remedy->event || thing->event)
                return remedy->event && thing->event;
        return text_equal(thing->letter.state, TEXT("uncertain")) ||
               (remedy->refused && text_equal(thing->letter.state, TEXT("refused")));
}

/* The remedy that the path names, if it fits; or NULL. */
static const struct remedy *find_remedy(const struct thing *thing)
{
        for (size_t i = 0; i < REMEDIES; i++)
                if (text_equal(thing->remedy, text_of(remedies[i].name)) &&
                    fits(&remedies[i], thing))
                        return &remedies[i];
        return NULL;
}

static enum phrase find_state(struct text state)
{
        if (text_equal(state, TEXT("refused")))
                return PHRASE_staff_letter_refused;
        return text_equal(state, TEXT("held")) ? PHRASE_staff_letter_held
                                               : PHRASE_staff_letter_uncertain;
}

/* What it is: "Påminnelse om møte", "En samling er holdt". */
static struct text say_what(const struct page *page, const struct thing *thing)
{
        return thing->event ? naming_event(page, thing->parked.type)
                            : naming_rule(page, thing->letter.rule);
}

/* What it is about: a title if it has one, else its code. */
static struct text say_about(const struct page *page, const struct thing *thing)
{
        const struct web_undelivered *l = &thing->letter;
        const struct web_parked *p = &thing->parked;
        const struct text title = thing->event
                                          ? page_pick(page, p->title_nb, p->title_nn, p->title_en)
                                          : page_pick(page, l->title_nb, l->title_nn, l->title_en);
        return title.size ? title : thing->event ? p->key : l->subject;
}

/* What was just done, if the browser comes from there. */
static void put_note(struct page *page)
{
        const struct text done = request_query(page->request, "done");
        for (size_t i = 0; i < REMEDIES; i++)
                if (text_equal(done, text_of(remedies[i].name)))
                        page_note(page, remedies[i].done);
}

/* A cell with what it is, which for the office leads to its page; the codes below. */
static void put_thing(struct page *page, const struct thing *thing, struct text codes)
{
        const struct text what = say_what(page, thing);
        html_open(page->html, "td");
        if (page->person->roles & ROLES_OFFICE)
                html_link(page->html,
                          arena_printf(page->arena, "%s/%.*s", find_list(thing->event),
                                       TEXT_ARGS(thing->id)),
                          what);
        naming_put(page, page->person->roles & ROLES_OFFICE ? TEXT("") : what, codes);
        html_close(page->html);
}

void remedy_list_letters(struct page *page, struct text caption)
{
        const struct web_undelivered_rows rows = web_undelivered(page->tx, TEXT(""), 0);
        put_note(page);
        page_put(page, "p", PHRASE_staff_letters_how, NULL);
        table_begin(page, caption,
                    (const enum phrase[]){ PHRASE_staff_letter, PHRASE_results_about,
                                           PHRASE_staff_to, PHRASE_start_state, PHRASE_start_when,
                                           PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_undelivered *r = &rows.row[i];
                const struct thing thing = {
                        .id = arena_printf(page->arena, "%.*s/%lld", TEXT_ARGS(r->owner),
                                           (long long)r->id),
                        .letter = *r,
                };
                table_row(page);
                put_thing(page, &thing,
                          arena_printf(page->arena, "(%.*s %.*s)", TEXT_ARGS(thing.id),
                                       TEXT_ARGS(r->rule)));
                naming_cell(page, say_about(page, &thing), r->subject);
                table_cell(page, r->name);
                page_put(page, "td", find_state(r->state), NULL);
                table_time(page, r->due_at);
                table_end_row(page);
        }
        table_end(page);
}

/* A cell: why, or that it is being tried. */
static void put_reason(struct page *page, const struct web_parked *row)
{
        if (row->retry)
                page_put(page, "td", PHRASE_remedy_retrying, NULL);
        else
                naming_cell(page, naming_reason(page, row->reason), row->reason);
}

void remedy_list_parked(struct page *page, struct text caption)
{
        const struct web_parked_rows rows = web_parked(page->tx, TEXT(""), 0);
        put_note(page);
        page_put(page, "p", PHRASE_staff_parked_how, NULL);
        table_begin(page, caption,
                    (const enum phrase[]){ PHRASE_staff_event, PHRASE_results_about,
                                           PHRASE_staff_reason, PHRASE_staff_daemon,
                                           PHRASE_staff_behind, PHRASE_start_when, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_parked *r = &rows.row[i];
                const struct thing thing = {
                        .event = true,
                        .id = arena_printf(page->arena, "%.*s/%lld", TEXT_ARGS(r->worker_group),
                                           (long long)r->position),
                        .parked = *r,
                };
                table_row(page);
                put_thing(page, &thing,
                          arena_printf(page->arena, "(%lld %s)", (long long)r->position,
                                       event_name(r->type)));
                naming_cell(page, say_about(page, &thing), r->key);
                put_reason(page, r);
                naming_cell(page, naming_group(page, r->worker_group), r->worker_group);
                table_number(page, r->behind);
                table_time(page, r->at);
                table_end_row(page);
        }
        table_end(page);
}

static void put_fact(struct page *page, enum phrase name, struct text words, struct text code)
{
        page_put(page, "dt", name, NULL);
        html_open(page->html, "dd");
        naming_put(page, words, code);
        html_close(page->html);
}

/* "avvist av mottakerens e-postserver", and in small print what that said. */
static void put_fate(struct page *page, const struct web_undelivered *letter)
{
        put_fact(page, PHRASE_start_state, page_say(page, find_state(letter->state), NULL),
                 letter->reply_code == DB_NULL
                         ? (struct text){ 0 }
                         : arena_printf(page->arena, "%lld %.*s", (long long)letter->reply_code,
                                        TEXT_ARGS(letter->reply_status)));
        if (letter->message_id.size)
                put_fact(page, PHRASE_remedy_message_id, letter->message_id, (struct text){ 0 });
}

/* All that helps to decide. */
static void put_facts(struct page *page, const struct thing *thing)
{
        const struct web_undelivered *letter = &thing->letter;
        const struct web_parked *parked = &thing->parked;
        html_open(page->html, "dl");
        put_fact(page, PHRASE_results_about, say_about(page, thing),
                 thing->event ? parked->key : letter->subject);
        if (thing->event) {
                put_fact(page, PHRASE_staff_event, say_what(page, thing),
                         text_of(event_name(parked->type)));
                put_fact(page, PHRASE_staff_reason, naming_reason(page, parked->reason),
                         parked->reason);
                put_fact(page, PHRASE_staff_daemon, naming_group(page, parked->worker_group),
                         thing->id);
                put_fact(page, PHRASE_staff_behind,
                         arena_printf(page->arena, "%lld", (long long)parked->behind),
                         (struct text){ 0 });
        } else {
                put_fact(page, PHRASE_staff_to, letter->name, (struct text){ 0 });
                put_fate(page, letter);
                put_fact(page, PHRASE_staff_letter, say_what(page, thing), thing->id);
        }
        put_fact(page, PHRASE_start_when,
                 page_time(page, thing->event ? parked->at : letter->due_at), (struct text){ 0 });
        html_close(page->html);
}

static struct text make_path(const struct page *page, const struct thing *thing,
                             const struct remedy *remedy)
{
        return arena_printf(page->arena, "%s/%.*s/%s", find_list(thing->event),
                            TEXT_ARGS(thing->id), remedy->name);
}

/* The form that does it. */
static void put_form(struct page *page, const struct thing *thing, const struct remedy *remedy)
{
        html_open(page->html, "form");
        html_set(page->html, "method", TEXT("post"));
        html_set(page->html, "action", make_path(page, thing, remedy));
        session_put_key(page);
        input_button(page, remedy->words);
        html_close(page->html);
}

/* What may be done: at once, or after a page that asks once more. */
static void put_choices(struct page *page, const struct thing *thing)
{
        html_classed(page->html, "h2", "ds-heading", page_say(page, PHRASE_remedy_choices, NULL));
        for (size_t i = 0; i < REMEDIES; i++) {
                if (!fits(&remedies[i], thing))
                        continue;
                if (remedies[i].final) {
                        page_put_link(page, make_path(page, thing, &remedies[i]),
                                      remedies[i].words);
                        continue;
                }
                page_put(page, "p", remedies[i].why, NULL);
                put_form(page, thing, &remedies[i]);
        }
        if (!thing->event && text_equal(thing->letter.state, TEXT("held")))
                page_put(page, "p", PHRASE_remedy_held, NULL);
}

/* The thing and what may be done, or the question whether to do it. */
static void show(struct page *page, bool event)
{
        struct thing thing;
        const bool found = find(page, event, &thing);
        const struct remedy *remedy = found ? find_remedy(&thing) : NULL;
        if (!found || (thing.remedy.at && !remedy)) {
                page_not_found(page);
                return;
        }
        page_begin(page, remedy ? page_say(page, remedy->words, NULL) : say_what(page, &thing));
        if (remedy)
                page_put(page, "p", remedy->why, NULL);
        put_facts(page, &thing);
        if (remedy) {
                put_form(page, &thing, remedy);
                page_put_link(
                        page,
                        arena_printf(page->arena, "%s/%.*s", find_list(event), TEXT_ARGS(thing.id)),
                        PHRASE_page_no_back);
        } else {
                put_choices(page, &thing);
                page_put_link(page, text_of(find_list(event)),
                              event ? PHRASE_remedy_all_parked : PHRASE_remedy_all_letters);
        }
        page_end(page);
}

void remedy_show_letter(struct page *page)
{
        show(page, false);
}

void remedy_show_parked(struct page *page)
{
        show(page, true);
}

/* Does it. False: somebody was quicker. */
static bool carry_out(struct page *page, const struct thing *thing)
{
        const int64_t now = tx_now(page->tx), person = page->person->id;
        const struct web_undelivered *l = &thing->letter;
        const struct web_parked *p = &thing->parked;
        struct web_resend made;
        struct web_retry tried = { false };
        struct web_give_up given = { false };
        if (text_equal(thing->remedy, TEXT("retry")))
                return web_retry(page->tx, person, p->worker_group, p->position, now, &tried) &&
                       tried.done;
        if (text_equal(thing->remedy, TEXT("drop")))
                return web_give_up(page->tx, person, p->worker_group, p->position, now, &given) &&
                       given.done;
        if (text_equal(thing->remedy, TEXT("resend")))
                return web_resend(page->tx, person, l->owner, l->id, now, &made);
        web_settle(page->tx, person, l->owner, l->id, thing->remedy, now);
        return true;
}

/* Does what the path says, if it still stands so, and tells the log who did. */
static void take(struct page *page, bool event)
{
        struct thing thing;
        struct text done = TEXT("");
        if (find(page, event, &thing) && find_remedy(&thing) && carry_out(page, &thing)) {
                tx_set_actor(page->tx,
                             arena_printf(page->arena, "person/%lld", (long long)page->person->id));
                emit_remedy_chosen(page->tx, &(struct remedy_chosen){ thing.id, thing.remedy });
                done = arena_printf(page->arena, "?done=%.*s", TEXT_ARGS(thing.remedy));
        }
        page_go_to(page, arena_printf(page->arena, "%s%.*s", find_list(event), TEXT_ARGS(done)));
}

void remedy_take_letter(struct page *page)
{
        take(page, false);
}

void remedy_take_parked(struct page *page)
{
        take(page, true);
}
