/*
 * failpoint: reads PADRIVER_FAILPOINT at each passing, so that a test sees exactly what it asked
 * for. Nothing is compiled in without PADRIVER_FAILPOINTS.
 */
#include "common/failpoint.h"

#ifdef PADRIVER_FAILPOINTS

#include "common/log.h"
#include "common/text.h"
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Dies or stops as told. */
static void act(struct text action)
{
        if (text_equal(action, TEXT("kill")))
                raise(SIGKILL);
        else if (text_equal(action, TEXT("stop")))
                raise(SIGSTOP);
        else if (text_equal(action, TEXT("exit")))
                _exit(1);
        else
                panic("PADRIVER_FAILPOINT: no action %.*s", TEXT_ARGS(action));
}

void failpoint(const char *name)
{
        static int64_t passed;
        struct text action = text_of(getenv("PADRIVER_FAILPOINT"));
        if (!action.at)
                return;
        struct text place = text_cut(&action, '=');
        struct text wanted = text_cut(&place, ':');
        int64_t turn = 1;
        if (place.at && !text_to_int(place, &turn))
                panic("PADRIVER_FAILPOINT: no number %.*s", TEXT_ARGS(place));
        if (text_equal(wanted, text_of(name)) && ++passed == turn)
                act(action);
}

#endif
