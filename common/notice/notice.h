/*
 * notice: what the letters of notifications say, by rule; composed from live tables in the
 * recipient's language when they are sent, and by `padriver mail show`. The rules and their
 * conditions: schemas/sql/0011_notice_wanted.sql, 0034_session_held.sql,
 * 0042_needs.sql.
 *   invitation, update, cancellation, reminder   subject: the meeting, occurrence: its version
 *   evaluation, evaluation_reminder   subject: the evaluation, occurrence: 0, the reminder's day
 *   grant_share                       subject: GRANT/NUMBER of a municipality, occurrence: version
 *   grant_notice                                 subject: the grant, occurrence: the version
 *   held, held_reminder, held_leader  subject: the session, occurrence: its version
 *   sign_in                           subject: the number of the asking, occurrence: 0
 *   needs                             subject: the week, as 2027-W05, occurrence: 0
 */
#pragma once

#include "common/mail/queue.h"

queue_compose notice_compose;
