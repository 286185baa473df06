/*
 * failpoint: named places where a test build can be killed or stopped. Compiled to nothing without
 * PADRIVER_FAILPOINTS. PADRIVER_FAILPOINT="before-commit:3=kill" acts at the third passing;
 * actions: kill (SIGKILL), stop (SIGSTOP), exit (_exit 1). Without ":N" the first passing.
 * Names in use: after-cursor, after-effects, before-commit, after-commit (before NEXT),
 * after-dot (mail: after the final dot, before the reply), after-claim, before-book.
 */
#pragma once

#ifdef PADRIVER_FAILPOINTS
void failpoint(const char *name);
#else
static inline void failpoint(const char *name)
{
        (void)name;
}
#endif
