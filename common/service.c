/*
 * service: the frame around a long-running program's loop. A signal only sets a flag and interrupts
 * the wait in which the loop stands; loops never wait longer than a second, so that a signal just
 * before a wait costs no more. The watchdog is fed by the loop's progress, never by a thread: a
 * loop that hangs is restarted.
 */
#include "common/service.h"

#include "common/log.h"
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#define BEAT_MS 1000

enum {
        LARGE = 4 << 20,  /* bytes: what is allocated whole by the system, and given back at once */
        SPARE = 16 << 20, /* free bytes that are kept for the next message */
};

static volatile sig_atomic_t stopping;

/* What the service manager has been told. */
static struct {
        bool ready, stopping;
        int64_t beat_ms;
} told;

/* Only the flag: a signal may come at any moment. */
static void take_signal(int number)
{
        (void)number;
        stopping = 1;
}

/* SIGTERM and SIGINT end the loop; a peer that went away is seen by write, not by a signal. */
static void catch_signals(void)
{
        struct sigaction action = { .sa_handler = take_signal }; /* no SA_RESTART: waits end */
        struct sigaction ignore = { .sa_handler = SIG_IGN };

        setenv("ZSYS_SIGHANDLER", "false", 1); /* czmq would put its own in place of ours */
        sigaction(SIGTERM, &action, NULL);
        sigaction(SIGINT, &action, NULL);
        sigaction(SIGPIPE, &ignore, NULL);
}

/* Batches and messages come and go by hundreds of KiB: to give such memory back and ask for it anew
 * each time costs more than to fill it. */
static void keep_memory(void)
{
        mallopt(M_MMAP_THRESHOLD, LARGE);
        mallopt(M_TRIM_THRESHOLD, SPARE);
}

/* --help. */
static void print_help(const char *program)
{
        printf("Usage: %s [--config FILE]\n\n"
               "  --config FILE  the settings; without it those of PADRIVER_CONF, else the "
               "defaults\n"
               "  --help         this text\n"
               "  --version      the version\n\n"
               "Runs until SIGTERM or SIGINT. Exit codes: 64 usage, 78 settings (do not "
               "restart).\n",
               program);
}

/* Reads the options. Returns EXIT_DONE to go on unless *stop. */
static int read_options(const char *program, int argc, char **argv, const char **path, bool *stop)
{
        static const struct option options[] = {
                { "config", required_argument, NULL, 'c' },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'v' },
                { 0 },
        };
        int option;

        *path = getenv("PADRIVER_CONF");
        while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
                if (option == 'c') {
                        *path = optarg;
                        continue;
                }
                *stop = true;
                if (option == 'h')
                        print_help(program);
                else if (option == 'v')
                        printf("%s %s\n", program, PADRIVER_VERSION);
                else
                        return EXIT_USAGE; /* getopt has said why */
                return EXIT_DONE;
        }
        if (optind < argc) {
                log_error("unexpected word \"%s\"; see --help", argv[optind]);
                return EXIT_USAGE;
        }
        return EXIT_DONE;
}

/* Options, settings, signals, clock. */
int service_open(struct service *service, const char *name, int argc, char **argv, bool *stop)
{
        int code;
        const char *program, *path;

        *stop = false;
        *service = (struct service){ .name = name, .arena = arena_new() };
        program = arena_printf(service->arena, "padriver-%s", name).at;
        service->database_user = arena_printf(service->arena, "padriver_%s", name).at;
        log_open(program);
        keep_memory();
        code = read_options(program, argc, argv, &path, stop);
        if (code != EXIT_DONE || *stop)
                return code;
        catch_signals();
        if (!conf_load(&service->conf, path, service->arena))
                return EXIT_SETTINGS;
        service->clock = clock_open(service->conf.place_runtime);
        return service->clock ? EXIT_DONE : EXIT_SETTINGS;
}

/* Gives back what service_open took, the program's name in the log included; harmless twice. */
void service_close(struct service *service)
{
        log_open(service->name);
        clock_close(&service->clock);
        arena_destroy(&service->arena);
}

/* The soft limit rises, as far as the hard one. */
void service_allow_files(int64_t needed, const char *setting)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= (rlim_t)needed)
                return;
        limit.rlim_cur = (rlim_t)needed < limit.rlim_max ? (rlim_t)needed : limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < (rlim_t)needed)
                log_warning("may open too few files for %s: %lld are needed (LimitNOFILE, "
                            "ulimit -n)",
                            setting, (long long)needed);
}

/* Work has begun. */
void service_ready(void)
{
        if (told.ready)
                return;
        told.ready = true;
        sd_notify(0, "READY=1");
}

/* A sign of life, at most one a second. */
void service_progress(void)
{
        int64_t now = clock_monotonic_ms();

        if (told.beat_ms && now - told.beat_ms < BEAT_MS)
                return;
        told.beat_ms = now;
        sd_notify(0, "WATCHDOG=1");
}

/* Whether to end; the service manager is told when the loop first hears it. */
bool service_stopping(void)
{
        if (stopping && !told.stopping) {
                told.stopping = true;
                sd_notify(0, "STOPPING=1");
        }
        return stopping;
}
