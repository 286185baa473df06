/*
 * patience: how long a browser may take (web.patience) to send a request, and again to take its
 * answer in. libmicrohttpd counts from the last byte, so that a byte now and then keeps a
 * connection for ever.
 */
#pragma once

#include <microhttpd.h>
#include <stdint.h>

struct patience;

struct patience *patience_new(int64_t seconds);
void patience_destroy(struct patience **patience);

/* What libmicrohttpd is to call when a connection comes or goes; context: the patience. */
void patience_note(void *context, struct MHD_Connection *connection, void **own,
                   enum MHD_ConnectionNotificationCode code);

/* The browser's time begins anew; it stands still, since it waits for us. */
void patience_begin(struct MHD_Connection *connection);
void patience_stop(struct MHD_Connection *connection);

/* Cuts off whose time is over: libmicrohttpd finds the connection closed. */
void patience_cut(struct patience *patience);
