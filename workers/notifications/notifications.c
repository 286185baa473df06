/*
 * notifications: invitations, calendars, reminders, letters about grants; sends its mail between
 * batches. Owns the schema notice.
 */
#include "workers/notifications/notifications.h"

#include "common/mail/queue.h"
#include "common/notice/notice.h"

enum {
        EVERY_MS = 1000,
        EVERY_MS_SIMULATED = 50, /* a whole year in seconds */
};

/* A reminder by what it is of; another's reminders are not ours. */
static enum status remind(struct tx *tx, const struct reminder_due *event)
{
        if (text_equal(event->rule, TEXT("meeting")))
                return remind_of_meeting(tx, event);
        if (text_equal(event->rule, TEXT("evaluation")))
                return remind_of_evaluation(tx, event);
        return DONE;
}

/* Opens the queue of letters. */
static bool start(struct worker *worker)
{
        if (clock_is_simulated(worker->service->clock))
                worker->every[0].ms = EVERY_MS_SIMULATED;
        worker->own = queue_new("notice", worker->service, notice_compose);
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
                                   .group = "notifications",
                                   .schema = "notice",
                                   .on = {
                                           .meeting_scheduled = invite,
                                           .meeting_rescheduled = tell_of_move,
                                           .meeting_cancelled = tell_of_cancellation,
                                           .invitation_due = invite_now,
                                           .evaluation_opened = ask_for_answers,
                                           .reminder_due = remind,
                                           .grant_distributed = tell_of_distribution,
                                           .grant_changed = tell_of_change,
                                   },
                                   .every = { { EVERY_MS, send_due_letters } },
                                   .start = start,
                                   .stop = stop,
                           });
}
