/*
 * service: what every long-running program does, once: options (--config FILE, --help, --version),
 * settings, log, signals, readiness and watchdog (sd_notify; the loop's progress feeds it), exit
 * codes.
 */
#pragma once

#include "common/clock.h"
#include "common/conf.h"

/* sysexits(3), as the command uses them too. */
enum exit_code {
        EXIT_DONE = 0,
        EXIT_REFUSED = 1,
        EXIT_USAGE = 64,
        EXIT_BAD_DATA = 65,
        EXIT_DOWN = 69,
        EXIT_INTERNAL = 70,
        EXIT_SETTINGS = 78,
};

struct service {
        const char *name;
        const char *database_user; /* padriver_NAME */
        struct conf conf;
        struct clock *clock;
        struct arena *arena; /* lives as long as the service */
};

/*
 * Reads options, settings and clock. Returns EXIT_DONE (an exit_code) to go on; else the process
 * must end with the code (help and version end with EXIT_DONE through *stop = true).
 */
int service_open(struct service *service, const char *name, int argc, char **argv, bool *stop);
void service_close(struct service *service);

/* Allows as many open files as the setting needs. Fewer than the system grants are logged. */
void service_allow_files(int64_t needed, const char *setting);

/* Tells the service manager that work has begun; call again as often as you like. */
void service_ready(void);

/* One turn of the loop is done: feeds the watchdog. */
void service_progress(void);

/* Whether SIGTERM or SIGINT came. The signals interrupt waits; a loop waits a second at most at
 * a time. */
bool service_stopping(void);
