/*
 * newsletter: an issue as its reader gets it: title and Markdown in the reader's language, why one
 * gets it, and a link to unsubscribe. Composed when it is sent, by `padriver mail show` and for a
 * preview. rules: newsletter (subject: the issue), test (the same, said to be one)
 */
#pragma once

#include "common/mail/queue.h"

queue_compose newsletter_compose;

/*
 * The issue in message->language, into subject, text, html, reply_to and unsubscribe of a message
 * whose sender is set; without an English text the language becomes bokmål. False: *reason says
 * why, ids only. A preview's mailer is masked, and its person is 0.
 */
bool newsletter_write(struct tx *tx, const struct mailer *mailer, struct text issue, int64_t person,
                      struct message *message, struct text *reason);
