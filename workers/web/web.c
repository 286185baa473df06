/*
 * web: the loop of the web face. A turn takes in requests, answers pages as they come, seals the
 * answers that came with it, and sends them off once the store has those before them. What it holds
 * in memory alone is what it is answering.
 */
#include "workers/web/web.h"

#include "common/log.h"
#include "workers/web/kept.h"
#include "workers/web/print.h"
#include "workers/web/route.h"
#include "workers/web/submission.h"
#include <errno.h>
#include <poll.h>

enum {
        WAIT_MS = 1000,
        DEADLINE_MS = 5000, /* a reader waits for the store no longer than that */
        OWN_FILES = 64,     /* beside connections */
        KEPT_MOST = 64 << 20,
};

void web_wake(struct web *web)
{
        wire_send(web->wire, VERB_WAKE, &(struct wire_wake){ 0 });
}

/* The store has gone; how long somebody waited to learn that is how long nobody waits. */
static void stay_away(struct web *web)
{
        const int64_t now = clock_monotonic_ms();
        web->away_until = now + (now - web->began);
}

bool web_begin(struct web *web, int64_t now)
{
        service_progress(); /* a turn may hold many that each wait */
        web->began = clock_monotonic_ms();
        if (web->began < web->away_until)
                return false;
        if (tx_begin(web->tx, now))
                return true;
        stay_away(web);
        return false;
}

enum tx_end web_commit(struct web *web)
{
        const enum tx_end end = tx_commit(web->tx);
        if (!db_is_open(web->db))
                stay_away(web);
        return end;
}

static void handle(void *context, struct request *request)
{
        route_request(context, request);
}

/* What the loop needs. False: logged. */
static bool open_web(struct web *web)
{
        const struct conf *conf = &web->service.conf;
        const int deadline =
                (int)(conf->store_deadline < DEADLINE_MS ? conf->store_deadline : DEADLINE_MS);
        web->instance = instance_open(conf->place_state, conf->place_runtime);
        web->link_key = web->instance ? instance_link_key(web->instance) : NULL;
        web->files = files_new(conf->web_files);
        service_allow_files(conf->web_connections + OWN_FILES, "web.connections");
        web->wire = wire_connect(conf); /* first: browsers may take all descriptors there are */
        if (!web->link_key || !web->files || !web->wire)
                return false;
        web->secure = text_starts(text_of(conf->mail_link), TEXT("https:"));
        web->db = db_new(conf->store_connection, web->service.database_user, NULL, deadline);
        web->tx = tx_new(web->db, "web");
        web->submissions = submissions_new(web, deadline);
        web->kept = kept_new(KEPT_MOST);
        web->printer = printer_new(web);
        web->metrics = metrics_open(conf->place_runtime, "web");
        web->http = http_new(conf, handle, web);
        return web->http != NULL;
}

static void close_web(struct web *web)
{
        http_destroy(&web->http);
        metrics_close(&web->metrics);
        submissions_destroy(&web->submissions);
        printer_destroy(&web->printer);
        kept_destroy(&web->kept);
        tx_destroy(&web->tx);
        db_destroy(&web->db);
        wire_destroy(&web->wire);
        files_destroy(&web->files);
        instance_close(&web->instance);
}

/* Turns until a signal comes. */
static void run(struct web *web)
{
        service_ready();
        while (!service_stopping()) {
                bool unsent;
                struct pollfd wait[2 + PRINT_JOBS] = {
                        { .fd = http_socket(web->http), .events = POLLIN },
                        { .fd = submissions_socket(web->submissions, &unsent), .events = POLLIN },
                };
                wait[1].events |= unsent ? POLLOUT : 0;
                const size_t count = 2 + printer_poll(web->printer, wait + 2);
                if (poll(wait, count, http_wait(web->http, WAIT_MS)) < 0 && errno != EINTR)
                        panic("poll: %s", strerror(errno));
                http_turn(web->http);
                submissions_turn(web->submissions);
                printer_turn(web->printer);
                counts_write(&web->counts, web->metrics, clock_monotonic_ms());
                service_progress();
        }
        submissions_finish(web->submissions);
}

int web_main(int argc, char **argv)
{
        struct web web = { 0 };
        bool stop;
        int code = service_open(&web.service, "web", argc, argv, &stop);
        if (code == EXIT_DONE && !stop) {
                if (open_web(&web))
                        run(&web);
                else
                        code = EXIT_SETTINGS;
        }
        close_web(&web);
        service_close(&web.service);
        return code;
}
