/*
 * mail: the command of mail_show.c, and what it shares with mail.c.
 */
#pragma once

#include "workers/ctl/ctl.h"
#include "workers/ctl/mail_sql.h"

/* "notice/12", and back: false: it said that the word is none. */
struct text mail_id(struct ctl *ctl, const struct mail_letters *row);
bool mail_read_id(const struct ctl *ctl, const char *word, struct text *queue, int64_t *id);

/* One letter for programs. */
json_t *mail_document(struct ctl *ctl, const struct mail_letters *row);

/* `padriver mail show` */
int mail_show(struct ctl *ctl, int argc, char **argv);
