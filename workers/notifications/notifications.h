/*
 * notifications: the handlers, by what they are about. Each writes letters and timers in its
 * transaction and sends nothing; the queue sends, and asks again whether each letter is still
 * wanted.
 */
#pragma once

#include "common/worker.h"

/* meetings.c: invitations six weeks before, updates and cancellations to the invited, a reminder
 * two working days before. */
enum status invite(struct tx *tx, const struct meeting_scheduled *event);
enum status tell_of_move(struct tx *tx, const struct meeting_rescheduled *event);
enum status tell_of_cancellation(struct tx *tx, const struct meeting_cancelled *event);
enum status invite_now(struct tx *tx, const struct invitation_due *event);
enum status remind_of_meeting(struct tx *tx, const struct reminder_due *event);

/* evaluations.c: asks for answers, reminds on day 3 and 7 who has not given them. */
enum status ask_for_answers(struct tx *tx, const struct evaluation_opened *event);
enum status remind_of_evaluation(struct tx *tx, const struct reminder_due *event);

/* evaluations.c: tells coordinators which municipalities a survey lacks, before it closes. */
enum status escalate_survey(struct tx *tx, const struct reminder_due *event);

/* grants.c: tells employing municipalities and the steering group. */
enum status tell_of_distribution(struct tx *tx, const struct grant_distributed *event);
enum status tell_of_change(struct tx *tx, const struct grant_changed *event);

/* held.c: when a session is over, asks who runs it whether it was held; the next working day once
 * more; then the leader. */
void plan_question(struct tx *tx, struct text meeting, int64_t version, int64_t ends);
void drop_question(struct tx *tx, struct text meeting);
enum status stop_asking(struct tx *tx, const struct session_held *event);
bool is_question(struct text rule);
enum status ask_whether_held(struct tx *tx, const struct reminder_due *event);

/* needs.c: on Monday morning, what needs a person. The timer is there from the first start on. */
#define NEEDS TEXT("needs")
void plan_needs(struct worker *worker);
enum status tell_needs(struct tx *tx, const struct reminder_due *event);

/* sign_in.c: the letter with the link, if there is somebody to send it to. */
enum status send_sign_in(struct tx *tx, const struct sign_in_asked *event);
