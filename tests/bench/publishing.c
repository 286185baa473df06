/*
 * publishing: see the header. With a rate an event bears the moment when it was due, not when the
 * publisher got round to it, so that a system that stalls is seen to.
 */
#include "tests/bench/publishing.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
        WAIT_MS = 100,
        STUCK_US = 60000000, /* without any confirmation */
};

struct order {
        int64_t window, rate, milliseconds, most, group;
};

/* How far an order has come. */
struct progress {
        const struct order *order;
        int64_t began, heard;
        int64_t sent, confirmed;
};

void probe_die(const char *format, ...)
{
        va_list args;
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
        fputc('\n', stderr);
        exit(70);
}

void probe_write(char *bytes, int64_t number, int64_t sent_at)
{
        char head[64];
        int size = snprintf(head, sizeof head, PROBE_HEAD, number, sent_at);
        memset(bytes, 'x', PROBE_SIZE);
        memcpy(bytes, head, (size_t)size);
}

void probe_see(struct tally *tally, const char *bytes, size_t size, int64_t now)
{
        if (size != PROBE_SIZE - sizeof PROBE_KEY + 1 || bytes[0] != ' ' || bytes[11] != ' ') {
                probe_die("an event of %zu bytes behind its key is none of ours", size);
        }
        tally_see(tally, strtoll(bytes + 1, NULL, 10), strtoll(bytes + 12, NULL, 10), now);
}

/* When the n-th event is due. */
static int64_t due(const struct progress *progress, int64_t n)
{
        return progress->began + n * 1000000 / progress->order->rate;
}

/* How many may be sent now. */
static int64_t sendable(const struct progress *progress, int64_t now)
{
        const struct order *order = progress->order;
        int64_t room = order->window - (progress->sent - progress->confirmed);
        if (order->rate > 0) {
                int64_t ready = (now - progress->began) * order->rate / 1000000 + 1;
                room = ready - progress->sent < room ? ready - progress->sent : room;
        }
        if (order->most > 0 && order->most - progress->sent < room) {
                room = order->most - progress->sent;
        }
        return room < order->group ? room : order->group;
}

/* Whether no more is to be sent. */
static int is_over(const struct progress *progress, int64_t now)
{
        const struct order *order = progress->order;
        return (order->milliseconds > 0 && now - progress->began >= order->milliseconds * 1000) ||
               (order->most > 0 && progress->sent >= order->most);
}

/* Sleeps until the next event is due, if it is not yet. */
static void sleep_until(int64_t at)
{
        struct timespec when = { at / 1000000, at % 1000000 * 1000 };
        clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &when, NULL);
}

/* Takes in confirmations. A system that is silent for so long has lost something. */
static void hear(const struct publishing *publishing, struct progress *progress, int timeout_ms)
{
        int64_t confirmed = publishing->receive(publishing->context, timeout_ms);
        progress->confirmed += confirmed;
        if (confirmed > 0 || progress->confirmed == progress->sent) {
                progress->heard = tally_now();
        } else if (tally_now() - progress->heard > STUCK_US) {
                probe_die("%" PRId64 " of %" PRId64 " events were not confirmed within a minute",
                          progress->sent - progress->confirmed, progress->sent);
        }
}

/* One order, until all of it is confirmed. */
static void carry_out(const struct publishing *publishing, const struct order *order,
                      int64_t *number)
{
        int64_t now = tally_now();
        struct progress progress = { .order = order, .began = now, .heard = now };
        while (!is_over(&progress, now)) {
                int64_t count = sendable(&progress, now);
                if (count > 0) {
                        publishing->send(publishing->context, *number, (size_t)count,
                                         order->rate > 0 ? due(&progress, progress.sent) : now,
                                         order->rate > 0 ? 1000000 / order->rate : 0);
                        *number += count;
                        progress.sent += count;
                }
                int waits = order->rate == 0 && sendable(&progress, now) <= 0;
                hear(publishing, &progress, waits ? WAIT_MS : 0);
                if (order->rate > 0 && progress.sent - progress.confirmed < order->window) {
                        sleep_until(due(&progress, progress.sent));
                }
                now = tally_now();
        }
        while (progress.confirmed < progress.sent) {
                hear(publishing, &progress, WAIT_MS);
        }
        printf("%" PRId64 " %" PRId64 " %" PRId64 "\n", progress.sent, progress.began, tally_now());
        fflush(stdout);
}

int publishing_run(const struct publishing *publishing)
{
        char line[200];
        int64_t number = PROBE_FIRST;
        while (fgets(line, sizeof line, stdin)) {
                struct order order;
                if (sscanf(line, "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64,
                           &order.window, &order.rate, &order.milliseconds, &order.most,
                           &order.group) != 5) {
                        probe_die("not an order: %s", line);
                }
                carry_out(publishing, &order, &number);
        }
        return 0;
}
