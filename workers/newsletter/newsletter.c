/*
 * newsletter: makes a released issue's letters, one for each recipient that was confirmed, and
 * sends them between batches. Owns the schema newsletter. Killed at any moment it resumes: a letter
 * is its key, and its state says how far it came (common/mail/queue.h).
 */
#include "common/newsletter/newsletter.h"
#include "common/mail/sender.h"
#include "workers/newsletter/newsletter_sql.h"

/* newsletter_released: only a person's release writes the recipients; the event alone sends
 * nothing. */
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

static bool start(struct worker *worker)
{
        return sender_start(worker, "newsletter", newsletter_compose);
}

int main(int argc, char **argv)
{
        return worker_main(argc, argv,
                           &(struct worker){
                                   .group = "newsletter",
                                   .on = { .newsletter_released = write_letters },
                                   .every = { { SENDER_MS, sender_turn } },
                                   .start = start,
                                   .stop = sender_stop,
                                   .tell = sender_tell,
                           });
}
