/*
 * failpoint: reads PADRIVER_FAILPOINT, or the file that it names, at each passing, so that a test
 * sees exactly what it asked for. Nothing is compiled in without PADRIVER_FAILPOINTS.
 */
#include "common/failpoint.h"

#ifdef PADRIVER_FAILPOINTS

#include "common/log.h"
#include "common/text.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 64 };

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

/* What is asked for now, into the buffer; empty if nothing is. */
static struct text read_wish(const char *wish, char buffer[MOST])
{
        if (!wish || wish[0] != '@')
                return text_of(wish);
        int file = open(wish + 1, O_RDONLY | O_CLOEXEC);
        ssize_t size = file < 0 ? 0 : read(file, buffer, MOST);
        if (file >= 0)
                close(file);
        return (struct text){ buffer, size < 0 ? 0 : (size_t)size };
}

/* Whether this passing is the one: counted anew for each wish, and for one that comes again. */
static bool is_turn(struct text wish, int64_t turn, bool again)
{
        static char counted[MOST];
        static size_t counted_size;
        static int64_t passed;
        if (!text_equal(wish, (struct text){ counted, counted_size })) {
                counted_size = wish.size < MOST ? wish.size : MOST;
                memcpy(counted, wish.at, counted_size);
                passed = 0;
        }
        if (++passed != turn)
                return false;
        counted_size = again ? 0 : counted_size;
        return true;
}

bool failpoint_is_asked(const char *name)
{
        char buffer[MOST];
        struct text wish = read_wish(getenv("PADRIVER_FAILPOINT"), buffer);
        struct text place = text_cut(&wish, '=');
        return text_equal(text_cut(&place, ':'), text_of(name));
}

void failpoint(const char *name)
{
        const char *asked = getenv("PADRIVER_FAILPOINT");
        char buffer[MOST];
        struct text wish = read_wish(asked, buffer), action = wish;
        if (!asked || wish.size == 0)
                return;
        struct text place = text_cut(&action, '=');
        struct text wanted = text_cut(&place, ':');
        int64_t turn = 1;
        if (place.at && !text_to_int(place, &turn))
                panic("PADRIVER_FAILPOINT: no number %.*s", TEXT_ARGS(place));
        bool once = asked[0] == '@';
        if (!text_equal(wanted, text_of(name)) || !is_turn(wish, turn, once))
                return;
        if (once && unlink(asked + 1) != 0)
                return;
        act(action);
}

#endif
