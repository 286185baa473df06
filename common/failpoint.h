/*
 * failpoint: named places where a test build can be killed or stopped. Compiled to nothing without
 * PADRIVER_FAILPOINTS. PADRIVER_FAILPOINT="before-commit:3=kill" acts at the third passing;
 * actions: kill (SIGKILL), stop (SIGSTOP), exit (_exit 1). Without ":N" the first passing.
 * PADRIVER_FAILPOINT="@FILE": the file says so, as long as it is there; who acts removes it first.
 * Names in use, of whoever commits: after-cursor, after-effects, before-commit, after-commit
 * (before NEXT). Of senders: after-claim, after-dot (after the final dot, before the reply),
 * before-book. Of the broker: after-lock, before-listen, before-extend, after-read, before-take,
 * before-batch, before-publish, after-publish (before ACCEPTED), before-fire, after-fire.
 */
#pragma once

#include <stdbool.h>

#ifdef PADRIVER_FAILPOINTS
void failpoint(const char *name);

/* Whether the name is asked for, at this passing or another. */
bool failpoint_is_asked(const char *name);
#else
static inline bool failpoint_is_asked(const char *name)
{
        (void)name;
        return false;
}

static inline void failpoint(const char *name)
{
        (void)name;
}
#endif
