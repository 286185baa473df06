/*
 * follow_up: some months after a session, those who were asked about it are asked what of it they
 * have taken into use.
 */
#pragma once

#include "common/worker.h"

/* follow_up_due: opens it for those who can still be asked. */
enum status open_follow_up(struct tx *tx, const struct follow_up_due *event);
