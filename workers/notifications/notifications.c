/*
 * notifications: invitations, calendars, reminders, letters about grants; sends its mail between
 * batches. Owns the schema notice.
 */
#include "workers/notifications/notifications.h"

#include "common/mail/sender.h"
#include "common/notice/notice.h"

/* A reminder by what it is of; another's reminders are not ours. */
static enum status remind(struct tx *tx, const struct reminder_due *event)
{
        if (text_equal(event->rule, TEXT("meeting")))
                return remind_of_meeting(tx, event);
        if (text_equal(event->rule, TEXT("evaluation")))
                return remind_of_evaluation(tx, event);
        if (text_equal(event->rule, TEXT("survey")))
                return escalate_survey(tx, event);
        if (is_question(event->rule))
                return ask_whether_held(tx, event);
        if (text_equal(event->rule, NEEDS))
                return tell_needs(tx, event);
        return DONE;
}

static bool start(struct worker *worker)
{
        plan_needs(worker);
        return sender_start(worker, "notice", notice_compose);
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
                                           .session_held = stop_asking,
                                           .evaluation_opened = ask_for_answers,
                                           .reminder_due = remind,
                                           .grant_distributed = tell_of_distribution,
                                           .grant_changed = tell_of_change,
                                           .sign_in_asked = send_sign_in,
                                   },
                                   .every = { { SENDER_MS, sender_turn } },
                                   .start = start,
                                   .stop = sender_stop,
                                   .tell = sender_tell,
                           });
}
