/*
 * web: what the parts of the web face share. One thread, one loop: pages are read in a short
 * transaction each; what participants send in a loop turn is one transaction together
 * (submission.c).
 */
#pragma once

#include "common/instance.h"
#include "common/service.h"
#include "common/tx.h"
#include "common/wire.h"
#include "workers/web/counts.h"
#include "workers/web/files.h"
#include "workers/web/http.h"
#include "workers/web/limit.h"

struct kept;
struct printer;
struct submissions;

struct web {
        struct service service;
        struct db *db;
        struct tx *tx;
        struct http *http;
        struct wire *wire;
        struct instance *instance;
        const unsigned char *link_key;
        struct files *files;
        struct submissions *submissions;
        struct printer *printer;
        struct kept *kept; /* what was made of editions */
        struct counts counts;
        struct limit sign_ins, entrances; /* what may be asked for in a minute */
        struct metrics_file *metrics;
        int64_t began,
                away_until; /* monotonic: the transaction; when the store is next waited for */
        bool secure;        /* browsers reach us by https: mail.link says so */
};

/* The program: its exit code. */
int web_main(int argc, char **argv);

/* As tx_begin and tx_commit, of web->tx. Once somebody has waited for the store in vain, nobody
 * does for as long again: web_begin then returns false at once. */
bool web_begin(struct web *web, int64_t now);
enum tx_end web_commit(struct web *web);

/* Tells the broker that the log has grown. */
void web_wake(struct web *web);
