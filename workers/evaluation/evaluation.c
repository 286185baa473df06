/*
 * evaluation: every session that was held is evaluated (R72): its participants are asked for ten
 * days, and what they say becomes results by question, goal and sub-goal. Owns the schema
 * evaluation. Holds the master key that anonymous answers are sealed for; what it opens, it opens
 * in close.c alone.
 */
#include "common/ballot.h"
#include "common/day.h"
#include "common/instance.h"
#include "common/worker.h"
#include "workers/evaluation/answers.h"
#include "workers/evaluation/close.h"
#include "workers/evaluation/survey.h"
#include <sodium.h>

enum { OPEN_DAYS = 10 };

/* Ten days later, at the same wall time in Oslo: the clocks may change between. */
static int64_t find_close(int64_t opened_at)
{
        int hour, minute;
        const int32_t day = day_at(opened_at, &hour, &minute);
        return day_time(day + OPEN_DAYS, hour, minute) + opened_at % (60 * CLOCK_SECOND);
}

int64_t draw_invitation(void)
{
        int64_t id;
        do {
                randombytes_buf(&id, sizeof id);
                id &= INT64_MAX;
        } while (id == 0);
        return id;
}

/* One invitation for each participant of the day. */
static void invite(struct tx *tx, struct text meeting, int32_t day)
{
        const struct participants_in_rows rows = participants_in(tx, meeting, day);
        int64_t *ids = arena_array(tx_arena(tx), rows.count, sizeof *ids);
        int64_t *persons = arena_array(tx_arena(tx), rows.count, sizeof *persons);
        for (size_t i = 0; i < rows.count; i++) {
                ids[i] = draw_invitation();
                persons[i] = rows.row[i].person;
        }
        invitations_add(tx, meeting, (struct int_array){ ids, rows.count },
                        (struct int_array){ persons, rows.count });
}

/* Makes the evaluation with its public key. False: there is one already. */
static bool add(struct tx *tx, struct text id, struct text network, int64_t closes_at)
{
        struct ballot_keys keys;
        ballot_keys(instance_master_key(worker_of(tx)->own), id, &keys);
        const int64_t added =
                evaluation_add(tx, id, network, tx_now(tx), closes_at,
                               (struct text){ (const char *)keys.public_key, BALLOT_KEY });
        sodium_memzero(&keys, sizeof keys);
        return added > 0;
}

/* session_held: opens the evaluation with its questions and invitations, unless it is there. */
static enum status open_evaluation(struct tx *tx, const struct session_held *event)
{
        const struct text id = event->meeting;
        struct session_of session;
        struct goals_in goals;
        if (!session_of(tx, id, &session) || !session.network.at)
                return tx_reject(tx, "there is no session %.*s of a network", TEXT_ARGS(id));
        const int32_t day = day_at(session.starts_at, NULL, NULL);
        if (!goals_in(tx, session.network, day, &goals) || goals.goals == 0)
                return tx_reject(tx,
                                 "network %.*s has no goals to ask about; import them, then "
                                 "padriver parked retry",
                                 TEXT_ARGS(session.network));
        const int64_t closes_at = find_close(tx_now(tx));
        if (!add(tx, id, session.network, closes_at))
                return DONE;
        word_sub_goals(tx, session.network, day);
        items_add(tx, id, session.network, day);
        invite(tx, id, day);
        timer_evaluation_closing_due(tx, arena_printf(tx_arena(tx), "closing %.*s", TEXT_ARGS(id)),
                                     closes_at, DB_NULL, &(struct evaluation_closing_due){ id });
        emit_evaluation_opened(tx, &(struct evaluation_opened){ id });
        return DONE;
}

/* evaluation_submitted: named and municipality-attributed answers are counted as they come; what
 * comes after closing was counted there. */
static enum status count(struct tx *tx, const struct evaluation_submitted *event)
{
        struct submission_of submission;
        struct evaluation_of row;
        struct answers answers;
        if (event->answer == 0)
                return DONE;
        if (evaluation_of(tx, event->evaluation, &row) && !text_equal(row.state, TEXT("open")))
                return DONE;
        if (!submission_of(tx, event->answer, &submission) ||
            !text_equal(submission.evaluation, event->evaluation))
                return tx_reject(tx, "evaluation %.*s has no answer %lld",
                                 TEXT_ARGS(event->evaluation), (long long)event->answer);
        const struct text_array ids = { &event->evaluation, 1 };
        const struct items_of_rows items = items_of(tx, ids, 0);
        answers_init(&answers, tx, 1, &items);
        answers_take(&answers, tx, &items, event->evaluation, submission.answer);
        answers_count(&answers, tx, event->evaluation);
        return DONE;
}

/* Opens the instance for its master key. */
static bool start(struct worker *worker)
{
        const struct conf *conf = &worker->service->conf;
        worker->own = instance_open(conf->place_state, conf->place_runtime);
        return worker->own && instance_master_key(worker->own);
}

static void stop(struct worker *worker)
{
        struct instance *instance = worker->own;
        instance_close(&instance);
        worker->own = NULL;
}

int main(int argc, char **argv)
{
        return worker_main(argc, argv,
            &(struct worker) {
                .group = "evaluation",
                .on = {
                        .session_held = open_evaluation,
                        .survey_due = open_survey,
                        .evaluation_submitted = count,
                        .evaluation_closing_due = close_evaluation,
                        .evaluation_expiry_due = expire_evaluation,
                },
                .start = start,
                .stop = stop,
            });
}
