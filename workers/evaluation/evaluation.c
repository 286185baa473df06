/*
 * evaluation: every session that was held is evaluated (R72): its participants are asked for ten
 * days, and what they say becomes results by question, goal and sub-goal; some months later they
 * are asked what they have taken into use. Owns the schema evaluation. Holds the master key that
 * anonymous answers are sealed for; what it opens, it opens in close.c alone.
 */
#include "common/day.h"
#include "common/instance.h"
#include "common/worker.h"
#include "workers/evaluation/answers.h"
#include "workers/evaluation/close.h"
#include "workers/evaluation/follow_up.h"
#include "workers/evaluation/opening.h"
#include "workers/evaluation/survey.h"

/* session_held: opens the evaluation with its questions and invitations, unless it is there. */
static enum status open_evaluation(struct tx *tx, const struct session_held *event)
{
        const struct text id = event->meeting;
        struct session_of session;
        struct participants_in people;
        if (!session_of(tx, id, &session) || !session.network.at)
                return tx_reject(tx, "there is no session %.*s of a network", TEXT_ARGS(id));
        const int32_t day = day_at(session.starts_at, NULL, NULL);
        if (!participants_in(tx, id, day, &people))
                return DONE;
        return opening_make(tx, &(struct opening){ .id = id,
                                                   .network = session.network,
                                                   .day = day,
                                                   .persons = people.persons });
}

/* attendance_noted: who was there after all is asked like the others, as long as it is open. */
static enum status invite_late(struct tx *tx, const struct attendance_noted *event)
{
        struct uninvited_in late;
        if (!uninvited_in(tx, event->meeting, tx_now(tx), &late) || late.persons.count == 0)
                return DONE;
        opening_invite(tx, event->meeting, late.persons);
        emit_evaluation_opened(tx, &(struct evaluation_opened){ event->meeting });
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
                        .attendance_noted = invite_late,
                        .survey_due = open_survey,
                        .follow_up_due = open_follow_up,
                        .evaluation_submitted = count,
                        .evaluation_closing_due = close_evaluation,
                        .evaluation_expiry_due = expire_evaluation,
                },
                .start = start,
                .stop = stop,
            });
}
