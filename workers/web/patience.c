/*
 * patience: a ring of the connections that we wait for, in the order in which their time began. It
 * is as long for each, so that the first is the first to be cut off.
 */
#include "workers/web/patience.h"

#include "common/clock.h"
#include "common/log.h"
#include <stdlib.h>
#include <sys/socket.h>

struct waited {
        struct patience *patience;
        struct waited *before, *next; /* itself: it is in no ring */
        int descriptor;
        int64_t since;
};

struct patience {
        struct waited ring; /* of which this is none, but stands before the first */
        int64_t ms;
};

static void take_out(struct waited *one)
{
        one->before->next = one->next;
        one->next->before = one->before;
        one->before = one->next = one;
}

/* Puts it behind the last, now. */
static void append(struct waited *one)
{
        struct waited *ring = &one->patience->ring;
        one->since = clock_monotonic_ms();
        one->before = ring->before;
        one->next = ring;
        one->before->next = ring->before = one;
}

struct patience *patience_new(int64_t seconds)
{
        struct patience *patience = calloc(1, sizeof *patience);
        if (!patience)
                panic("out of memory");
        patience->ms = seconds * 1000;
        patience->ring.before = patience->ring.next = &patience->ring;
        return patience;
}

void patience_destroy(struct patience **patience)
{
        free(*patience);
        *patience = NULL;
}

void patience_note(void *context, struct MHD_Connection *connection, void **own,
                   enum MHD_ConnectionNotificationCode code)
{
        struct waited *one = *own;
        if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
                take_out(one);
                free(one);
                return;
        }
        *own = one = calloc(1, sizeof *one);
        if (!one)
                panic("out of memory");
        one->patience = context;
        one->descriptor =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        append(one);
}

static struct waited *find(struct MHD_Connection *connection)
{
        return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
                ->socket_context;
}

void patience_begin(struct MHD_Connection *connection)
{
        struct waited *one = find(connection);
        take_out(one);
        append(one);
}

void patience_stop(struct MHD_Connection *connection)
{
        take_out(find(connection));
}

void patience_cut(struct patience *patience)
{
        const int64_t latest = clock_monotonic_ms() - patience->ms;
        for (struct waited *one; (one = patience->ring.next) != &patience->ring;) {
                if (one->since > latest)
                        return;
                shutdown(one->descriptor, SHUT_RDWR);
                take_out(one);
        }
}
