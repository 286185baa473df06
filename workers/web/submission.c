/*
 * submission: an answer is taken, judged and sealed, written, and thanked for. One transaction is
 * in flight at most; while the store works on it, those that come meanwhile are judged and sealed,
 * and go with the next. A link of which an answer is on its way is judged once that has landed. If
 * the store refuses a transaction, each of its answers is judged anew and tried alone, so that one
 * that cannot be stored stops no other. After an unknown outcome it is tried again once: an answer
 * that was stored then shows as spent, and so it is.
 */
#include "workers/web/submission.h"

#include "common/ballot.h"
#include "common/log.h"
#include "workers/web/form.h"
#include <stdlib.h>

enum {
        WRITTEN_MOST = 256, /* answers a transaction */
        JUDGED_MOST = 32,   /* answers sealed before the store is looked after again */
};

/* Lives in its request's arena: until it is answered. */
struct submission {
        struct page page;
        int64_t invitation;
        struct text box, answer; /* once judged: one of them, the other is empty */
        bool survey;             /* once judged: it is a municipality's */
        struct submission *next;
};

/* Submissions in the order in which they came. */
struct line {
        struct submission *first, *last;
        size_t count;
};

struct submissions {
        struct web *web;
        struct db *db; /* for what is in flight; papers are read by the pages' own */
        struct tx *tx;
        struct line taken, sealed, flying;
        int64_t began; /* monotonic: when the flight did */
};

static void append(struct line *line, struct submission *one)
{
        one->next = NULL;
        if (line->last)
                line->last->next = one;
        else
                line->first = one;
        line->last = one;
        line->count++;
}

/* Takes the first out; NULL: there is none. */
static struct submission *take(struct line *line)
{
        struct submission *one = line->first;
        if (!one)
                return NULL;
        line->first = one->next;
        if (!line->first)
                line->last = NULL;
        line->count--;
        return one;
}

/* Whether an answer by the same link stands in the line. */
static bool holds_link(const struct line *line, int64_t invitation)
{
        for (const struct submission *one = line->first; one; one = one->next)
                if (one->invitation == invitation)
                        return true;
        return false;
}

struct submissions *submissions_new(struct web *web, int deadline_ms)
{
        struct submissions *submissions = calloc(1, sizeof *submissions);
        if (!submissions)
                panic("out of memory");
        submissions->web = web;
        submissions->db = db_new(web->service.conf.store_connection, web->service.database_user,
                                 NULL, deadline_ms);
        submissions->tx = tx_new(submissions->db, "web");
        return submissions;
}

void submissions_destroy(struct submissions **submissions)
{
        if (!*submissions)
                return;
        tx_destroy(&(*submissions)->tx);
        db_destroy(&(*submissions)->db);
        free(*submissions);
        *submissions = NULL;
}

void submission_take(struct page *page)
{
        int64_t invitation;
        if (!form_read_link(page, &invitation))
                return;
        struct submission *one = arena_alloc(page->arena, sizeof *one);
        *one = (struct submission){ .page = *page, .invitation = invitation };
        append(&page->web->submissions->taken, one);
        request_hold(page->request);
}

static void answer(struct submission *one)
{
        page_answer(&one->page);
        page_clear(&one->page);
}

/* Says of some that they were not stored. */
static void fail(struct submissions *all, struct submission **some, size_t count,
                 const char *reason)
{
        all->web->counts.failed += (int64_t)count;
        log_warning("%zu answers were not stored: %s", count, reason);
        for (size_t i = 0; i < count; i++) {
                page_failed(&some[i]->page);
                answer(some[i]);
        }
}

/* The row of the invitation, or NULL. */
static const struct web_paper *find_paper(const struct web_paper_rows *papers, int64_t invitation)
{
        for (size_t i = 0; i < papers->count; i++)
                if (papers->row[i].invitation == invitation)
                        return &papers->row[i];
        return NULL;
}

/* The questions of the n-th form, read once for all forms before it that ask the same. */
static struct web_questions_rows find_questions(struct tx *tx, const struct form *forms, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (text_equal(forms[i].paper.evaluation, forms[n].paper.evaluation))
                        return forms[i].questions;
        return web_questions(tx, forms[n].paper.evaluation);
}

/* Reads what some answer to, into the reading transaction's arena; a form without an evaluation has
 * no paper. NULL: the store is away. */
static struct form *read_forms(struct web *web, int64_t now, struct submission **some, size_t count)
{
        struct tx *tx = web->tx;
        if (!web_begin(web, now))
                return NULL;
        struct form *forms = arena_array(tx_arena(tx), count, sizeof *forms);
        int64_t *ids = arena_array(tx_arena(tx), count, sizeof *ids);
        for (size_t i = 0; i < count; i++)
                ids[i] = some[i]->invitation;
        const struct web_paper_rows papers = web_paper(tx, (struct int_array){ ids, count });
        for (size_t i = 0; i < count; i++) {
                const struct web_paper *paper = find_paper(&papers, some[i]->invitation);
                if (!paper)
                        continue;
                forms[i].paper = *paper;
                forms[i].questions = find_questions(tx, forms, i);
        }
        return web_commit(web) == TX_DONE ? forms : NULL;
}

/* Seals an anonymous answer; leaves the others plain. False: too long together. */
static bool seal(struct submission *one, const struct web_paper *paper, struct text answer)
{
        one->answer = one->box = TEXT("");
        one->survey = paper->respondent.at;
        if (!text_equal(paper->mode, TEXT("anonymous")))
                one->answer = answer;
        else
                one->box = ballot_seal(one->page.arena, paper->public_key, answer);
        return one->box.at != NULL;
}

/* Whether it is to be written, and then sealed; else the page says why not. */
static bool judge(struct submission *one, const struct form *form, int64_t now)
{
        struct page *page = &one->page;
        const struct web_paper *paper = &form->paper;
        if (!paper->evaluation.at)
                page_refuse(page, 404, PHRASE_form_forged,
                            page_say(page, PHRASE_form_forged_why, NULL));
        if (!paper->evaluation.at || !form_is_open(page, paper, now))
                return false;
        const struct text answer = form_read(page, &form->questions);
        const bool changed = !text_equal(request_field(page->request, "mode"), paper->mode);
        if (changed || !answer.at) {
                form_put(page, form, changed);
                return false;
        }
        if (!seal(one, paper, answer)) {
                page_refuse(page, 413, PHRASE_page_refused,
                            page_say(page, PHRASE_page_too_large, NULL));
                return false;
        }
        return true;
}

/* Judges some, and meanwhile hands the store what it waits for. Answers those that are not to be
 * written; the others come first in some then. Returns their number. */
static size_t judge_some(struct submissions *all, struct submission **some, size_t count)
{
        const int64_t now = clock_now(all->web->service.clock);
        size_t kept = 0;
        struct form *forms = read_forms(all->web, now, some, count);
        if (!forms)
                forms = read_forms(all->web, now, some, count);
        if (!forms) {
                fail(all, some, count, tx_reason(all->web->tx));
                return 0;
        }
        for (size_t i = 0; i < count; i++) {
                if (judge(some[i], &forms[i], now))
                        some[kept++] = some[i];
                else
                        answer(some[i]);
                if (db_pending(all->db) > 0)
                        db_receive(all->db);
        }
        return kept;
}

/* The store took what is in flight: the log is told, and the transaction ends. If one is anonymous
 * all events have their day for a time. */
static void take_written(void *context, const struct db_result *result)
{
        struct submissions *all = context;
        struct tx *tx = all->tx;
        struct web_submit row;
        tx_note(tx, result);
        for (int64_t i = 0; i < result->rows && result->end == DB_OK; i++) {
                web_submit_row(result, i, tx_arena(tx), &row);
                if (text_equal(row.mode, TEXT("anonymous")))
                        tx_set_at(tx, day_time(day_at(tx_now(tx), NULL, NULL), 0, 0));
                emit_evaluation_submitted(
                        tx, &(struct evaluation_submitted){ row.evaluation, row.submission });
        }
        tx_depart(tx);
}

/* Sends sealed ones off, as many as a transaction takes. */
static void launch(struct submissions *all, struct line *sealed)
{
        struct tx *tx = all->tx;
        int64_t ids[WRITTEN_MOST];
        struct text boxes[WRITTEN_MOST], answers[WRITTEN_MOST];
        struct submission *one;
        size_t count = 0;
        while (count < WRITTEN_MOST && (one = take(sealed))) {
                ids[count] = one->invitation;
                boxes[count] = one->box;
                answers[count++] = one->answer;
                append(&all->flying, one);
        }
        all->began = clock_monotonic_us();
        if (!tx_begin(tx, clock_now(all->web->service.clock)))
                tx_retry(tx, "the store is away");
        tx_set_actor(tx, TEXT(""));
        const union param params[] = {
                { .ints = { ids, count } },
                { .texts = { boxes, count } },
                { .texts = { answers, count } },
                { .integer = tx_now(tx) },
        };
        tx_send(tx, &web_submit_statement, params, take_written, all);
}

/* What became of the flight. Those that were stored are thanked; the others are left in some. */
static enum tx_end land(struct submissions *all, struct submission **some, size_t *count)
{
        struct counts *counts = &all->web->counts;
        const enum tx_end end = tx_commit(all->tx);
        struct submission *one;
        *count = 0;
        while ((one = take(&all->flying))) {
                if (end != TX_DONE) {
                        some[(*count)++] = one;
                        continue;
                }
                counts->submissions++;
                page_go_to(&one->page, one->survey ? TEXT("/thanks/survey") : TEXT("/thanks"));
                answer(one);
        }
        if (end != TX_DONE)
                return end;
        metrics_observe(&counts->seconds, clock_monotonic_us() - all->began);
        counts->turns++;
        web_wake(all->web);
        return end;
}

/* Judges some anew and writes them, from the beginning to the end; *count of them are left. */
static enum tx_end try(struct submissions *all, struct submission **some, size_t *count)
{
        struct line sealed = { 0 };
        *count = judge_some(all, some, *count);
        if (*count == 0)
                return TX_DONE;
        for (size_t i = 0; i < *count; i++)
                append(&sealed, some[i]);
        launch(all, &sealed);
        db_wait(all->db);
        return land(all, some, count);
}

/* After a flight that ended so: all once more if the outcome is unknown; else each alone. */
static void try_again(struct submissions *all, struct submission **some, size_t count,
                      enum tx_end end)
{
        if (end == TX_RETRY)
                end = try(all, some, &count);
        if (end == TX_RETRY)
                fail(all, some, count, tx_reason(all->tx));
        for (size_t i = 0; i < count && end != TX_RETRY && end != TX_DONE; i++) {
                size_t left = 1;
                if (try(all, &some[i], &left) == TX_RETRY)
                        try(all, &some[i], &left);
                if (left > 0)
                        fail(all, &some[i], left, tx_reason(all->tx));
        }
}

/* Takes in what the store said, and sends it what is ready. */
static void serve_store(struct submissions *all)
{
        struct submission *some[WRITTEN_MOST];
        size_t count;
        while (all->flying.count + all->sealed.count > 0) {
                if (all->flying.count == 0)
                        launch(all, &all->sealed);
                else
                        db_receive(all->db);
                if (db_pending(all->db) > 0)
                        return;
                const enum tx_end end = land(all, some, &count);
                try_again(all, some, count, end);
        }
}

/* Judges some of those that were taken, but for whose link is on its way. Returns how many. */
static size_t judge_taken(struct submissions *all)
{
        struct submission *some[JUDGED_MOST], *one;
        struct line rest = all->taken, picked = { 0 };
        size_t count = 0;
        all->taken = (struct line){ 0 };
        while ((one = take(&rest))) {
                const int64_t link = one->invitation;
                const bool waits = picked.count == JUDGED_MOST || holds_link(&picked, link) ||
                                   holds_link(&all->sealed, link) || holds_link(&all->flying, link);
                append(waits ? &all->taken : &picked, one);
        }
        const size_t judged = picked.count;
        while ((one = take(&picked)))
                some[count++] = one;
        count = count > 0 ? judge_some(all, some, count) : 0;
        for (size_t i = 0; i < count; i++)
                append(&all->sealed, some[i]);
        return judged;
}

void submissions_turn(struct submissions *submissions)
{
        do
                serve_store(submissions);
        while (judge_taken(submissions) > 0);
}

void submissions_finish(struct submissions *submissions)
{
        while (submissions->taken.count + submissions->sealed.count + submissions->flying.count >
               0) {
                submissions_turn(submissions);
                db_wait(submissions->db);
        }
}

int submissions_socket(const struct submissions *submissions, bool *unsent)
{
        *unsent = db_has_unsent(submissions->db);
        return submissions->flying.count > 0 ? db_socket(submissions->db) : -1;
}
