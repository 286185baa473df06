/*
 * newsletter: makes a released issue's letters, one for each recipient that was confirmed, and sends them between
 * batches. Owns the schema newsletter. Killed at any moment it resumes: a letter is its key, and its state says how
 * far it came (common/mail/queue.h).
 */
#include "common/newsletter/newsletter.h"
#include "common/worker.h"
#include "workers/newsletter/newsletter_sql.h"

enum {
        EVERY_MS = 1000,
        EVERY_MS_SIMULATED = 50,
};

/* newsletter_released: only a person's release writes the recipients; the event alone sends nothing. */
static enum status write_letters(struct tx *tx, const struct newsletter_released *event)
{
        struct issue_released issue;
        if (!issue_released(tx, event->newsletter, &issue))
                return tx_reject(tx, "there is no newsletter %.*s", TEXT_ARGS(event->newsletter));
        if (issue.released_at == DB_NULL)
                return tx_reject(tx,
                                 "newsletter %.*s is not released; see padriver newsletter release",
                                 TEXT_ARGS(event->newsletter));
        letters_of_issue(tx, event->newsletter, tx_now(tx), tx_cause(tx));
        return DONE;
}

/* Opens the queue of letters. */
static bool start(struct worker *worker)
{
        if (clock_is_simulated(worker->service->clock))
                worker->every[0].ms = EVERY_MS_SIMULATED;
        worker->own = queue_new("newsletter", worker->service, newsletter_compose);
        return worker->own;
}

static void stop(struct worker *worker)
{
        struct queue *queue = worker->own;
        queue_destroy(&queue);
}

/* Sends what is due. */
static void send_due_letters(struct worker *worker)
{
        queue_turn(worker->own, worker->tx);
}

int main(int argc, char **argv)
{
        return worker_main(argc, argv,
                           &(struct worker){
                                   .group = "newsletter",
                                   .on = { .newsletter_released = write_letters },
                                   .every = { { EVERY_MS, send_due_letters } },
                                   .start = start,
                                   .stop = stop,
                           });
}
