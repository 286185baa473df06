/*
 * submission: a turn is read (which evaluations, what they ask), judged, sealed, written, answered.
 * If the store refuses the whole, each is tried alone, so that one that cannot be stored stops no
 * other. After an unknown outcome it is tried again once: an answer that was stored then shows as
 * spent, and so it is.
 */
#include "workers/web/submission.h"

#include "common/ballot.h"
#include "common/log.h"
#include "workers/web/form.h"
#include <stdlib.h>

enum {
        TURN_MOST = 256, /* answers a transaction */
        ASKED_MOST = 64, /* evaluations in a turn */
};

/* What becomes of an answer. */
enum fate {
        FATE_NEW,
        FATE_ANSWERED, /* the page says what is wrong */
        FATE_WRITTEN,  /* asked of the store */
};

struct submission {
        struct page page;
        int64_t invitation;
        enum fate fate;
        struct form form;
        struct text box, answer; /* one of them, the other is empty */
};

struct submissions {
        struct web *web;
        size_t count;
        struct submission row[TURN_MOST];
};

struct submissions *submissions_new(struct web *web)
{
        struct submissions *submissions = calloc(1, sizeof *submissions);
        if (!submissions)
                panic("out of memory");
        submissions->web = web;
        return submissions;
}

void submissions_destroy(struct submissions **submissions)
{
        if (!*submissions)
                return;
        for (size_t i = 0; i < (*submissions)->count; i++)
                page_clear(&(*submissions)->row[i].page);
        free(*submissions);
        *submissions = NULL;
}

void submission_take(struct page *page)
{
        struct submissions *all = page->web->submissions;
        int64_t invitation;
        if (!form_read_link(page, &invitation))
                return;
        if (all->count == TURN_MOST)
                submissions_turn(all);
        all->row[all->count++] = (struct submission){ .page = *page, .invitation = invitation };
        request_hold(page->request);
}

/* The questions of an evaluation, read once a turn. */
static struct web_questions_rows find_questions(struct submissions *all, size_t before,
                                                struct text evaluation)
{
        for (size_t i = 0; i < before; i++)
                if (all->row[i].form.questions.count > 0 &&
                    text_equal(all->row[i].form.paper.evaluation, evaluation))
                        return all->row[i].form.questions;
        return web_questions(all->web->tx, evaluation);
}

/* The row of the invitation, or NULL. */
static const struct web_paper *find_paper(const struct web_paper_rows *papers, int64_t invitation)
{
        for (size_t i = 0; i < papers->count; i++)
                if (papers->row[i].invitation == invitation)
                        return &papers->row[i];
        return NULL;
}

/* Reads what the answers are to. */
static void read_papers(struct submissions *all, struct submission *first, size_t count)
{
        struct tx *tx = all->web->tx;
        int64_t *ids = arena_array(tx_arena(tx), count, sizeof *ids);
        for (size_t i = 0; i < count; i++)
                ids[i] = first[i].invitation;
        const struct web_paper_rows papers = web_paper(tx, (struct int_array){ ids, count });
        for (size_t i = 0; i < count && !tx_failed(tx); i++) {
                struct submission *one = &first[i];
                const struct web_paper *paper = find_paper(&papers, one->invitation);
                if (one->fate == FATE_ANSWERED)
                        continue;
                if (!paper) {
                        page_refuse(&one->page, 404, PHRASE_form_forged,
                                    page_say(&one->page, PHRASE_form_forged_why, NULL));
                        one->fate = FATE_ANSWERED;
                        continue;
                }
                one->form.paper = *paper;
                one->form.questions =
                        find_questions(all, (size_t)(one - all->row), paper->evaluation);
        }
}

/* Whether an earlier one of the same turn has used the link. */
static bool is_second(const struct submissions *all, const struct submission *one)
{
        for (const struct submission *other = all->row; other < one; other++)
                if (other->invitation == one->invitation && other->fate == FATE_WRITTEN)
                        return true;
        return false;
}

/* Seals an anonymous answer; leaves the others plain. False: too long together. */
static bool seal(struct submission *one, struct text answer)
{
        if (!text_equal(one->form.paper.mode, TEXT("anonymous"))) {
                one->answer = answer;
                one->box = TEXT("");
                return true;
        }
        one->answer = TEXT("");
        one->box = ballot_seal(one->page.arena, one->form.paper.public_key, answer);
        return one->box.at != NULL;
}

/* Decides what is to become of one: written, or answered with why not. */
static void judge(struct submissions *all, struct submission *one)
{
        struct page *page = &one->page;
        struct web_paper *paper = &one->form.paper;
        if (one->fate == FATE_ANSWERED)
                return;
        one->fate = FATE_ANSWERED;
        paper->spent = paper->spent || is_second(all, one);
        if (!form_is_open(page, paper, tx_now(all->web->tx)))
                return;
        const struct text answer = form_read(page, &one->form.questions);
        const bool changed = !text_equal(request_field(page->request, "mode"), paper->mode);
        if (changed || !answer.at)
                form_put(page, &one->form, changed);
        else if (!seal(one, answer))
                page_refuse(page, 413, PHRASE_page_refused,
                            page_say(page, PHRASE_page_too_large, NULL));
        else
                one->fate = FATE_WRITTEN;
}

/* Asks the store to take those that are to be written, and tells the log. */
static void write_answers(struct submissions *all, const struct submission *first, size_t count)
{
        struct tx *tx = all->web->tx;
        int64_t *ids = arena_array(tx_arena(tx), count, sizeof *ids);
        struct text *boxes = arena_array(tx_arena(tx), count, sizeof *boxes);
        struct text *answers = arena_array(tx_arena(tx), count, sizeof *answers);
        size_t n = 0;
        for (size_t i = 0; i < count; i++) {
                if (first[i].fate != FATE_WRITTEN)
                        continue;
                ids[n] = first[i].invitation;
                boxes[n] = first[i].box;
                answers[n++] = first[i].answer;
        }
        if (n == 0)
                return;
        const struct web_submit_rows done =
                web_submit(tx, (struct int_array){ ids, n }, (struct text_array){ boxes, n },
                           (struct text_array){ answers, n }, tx_now(tx));
        for (size_t i = 0; i < done.count; i++) {
                const bool anonymous = text_equal(done.row[i].mode, TEXT("anonymous"));
                tx_set_at(tx,
                          anonymous ? day_time(day_at(tx_now(tx), NULL, NULL), 0, 0) : tx_now(tx));
                emit_evaluation_submitted(tx,
                                          &(struct evaluation_submitted){ done.row[i].evaluation,
                                                                          done.row[i].submission });
        }
}

/* One transaction of some of the turn. */
static enum tx_end try(struct submissions *all, struct submission *first, size_t count)
{
        struct web *web = all->web;
        if (!tx_begin(web->tx, clock_now(web->service.clock)))
                return TX_RETRY;
        tx_set_actor(web->tx, TEXT(""));
        for (size_t i = 0; i < all->count; i++)
                all->row[i].form = (struct form){ 0 }; /* of a transaction that is over */
        for (size_t i = 0; i < count; i++)
                if (first[i].fate == FATE_WRITTEN)
                        first[i].fate = FATE_NEW;
        read_papers(all, first, count);
        for (size_t i = 0; i < count && !tx_failed(web->tx); i++)
                judge(all, &first[i]);
        if (!tx_failed(web->tx))
                write_answers(all, first, count);
        return tx_commit(web->tx);
}

/* Tries some together, once more after an unknown outcome, and then each alone. */
static void store(struct submissions *all, struct submission *first, size_t count)
{
        enum tx_end end = try(all, first, count);
        if (end == TX_RETRY)
                end = try(all, first, count);
        if (end == TX_DONE)
                return;
        for (size_t i = 0; i < count && count > 1 && end != TX_RETRY; i++)
                store(all, &first[i], 1);
        if (count > 1 && end != TX_RETRY)
                return;
        all->web->counts.failed += (int64_t)count;
        log_warning("%zu answers were not stored: %s", count, tx_reason(all->web->tx));
        for (size_t i = 0; i < count; i++) {
                first[i].fate = FATE_ANSWERED;
                page_failed(&first[i].page);
        }
}

void submissions_turn(struct submissions *submissions)
{
        struct submissions *all = submissions;
        struct counts *counts = &all->web->counts;
        const int64_t began = clock_monotonic_us();
        bool written = false;
        if (all->count == 0)
                return;
        store(all, all->row, all->count);
        metrics_observe(&counts->seconds, clock_monotonic_us() - began);
        counts->turns++;
        for (size_t i = 0; i < all->count; i++) {
                struct submission *one = &all->row[i];
                if (one->fate == FATE_WRITTEN) {
                        written = true;
                        counts->submissions++;
                        page_go_to(&one->page, TEXT("/thanks"));
                }
                page_answer(&one->page);
                page_clear(&one->page);
        }
        all->count = 0;
        if (written)
                web_wake(all->web);
}
