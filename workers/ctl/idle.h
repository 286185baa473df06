/*
 * idle: whether the instance has done all it has to do at the clock's now: every cursor at the
 * head, no timer due, no parked event marked for retry, no letter due or claimed. Seen in one
 * snapshot, so it is true of one moment.
 */
#pragma once

#include "workers/ctl/ctl.h"

/* Waits until idle. EXIT_DONE; EXIT_REFUSED when seconds have passed, having said what is
 * unfinished; EXIT_DOWN. */
int idle_wait(struct ctl *ctl, int64_t seconds);
