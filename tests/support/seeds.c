/*
 * seeds: see the header. cmocka leaves a failed test by a jump, so the seed is told in the teardown;
 * a panic leaves by SIGABRT, so it is told there too.
 */
#include "tests/support/seeds.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static uint64_t running; /* 0: none */

int seeds_tell(void **state)
{
        (void)state;
        if (running) {
                char line[100];
                int size = snprintf(line, sizeof line, "to run it again: SEED=%llu %s\n",
                                    (unsigned long long)running, program_invocation_name);
                running = write(STDERR_FILENO, line, (size_t)size) == size ? 0 : running;
        }
        return 0;
}

/* The default action follows. */
static void tell_abort(int signal_number)
{
        (void)signal_number;
        seeds_tell(NULL);
}

void seeds_run(uint64_t most, void (*run)(uint64_t seed))
{
        const char *only = getenv("SEED"), *many = getenv("SEEDS");
        uint64_t first = only ? strtoull(only, NULL, 10) : 1;
        uint64_t last = only ? first : many ? strtoull(many, NULL, 10) : most;
        struct sigaction tell = { .sa_handler = tell_abort, .sa_flags = (int)SA_RESETHAND };
        sigaction(SIGABRT, &tell, NULL);
        for (uint64_t seed = first; seed <= last; seed++) {
                running = seed;
                run(seed);
        }
        running = 0;
        signal(SIGABRT, SIG_DFL);
}
