/*
 * metrics_http: one request, one answer, on standard input and output, as a socket unit with
 * Accept=yes gives them. Just enough of HTTP/1.1 (RFC 9112) for a scraper: GET of
 * /metrics. What the peer sends is bounded in size and time.
 */
#include "workers/ctl/metrics.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { REQUEST = 8192, PATIENCE_MS = 5000 };

/* An answer without metrics. */
static bool refuse(const char *status, const char *words)
{
        printf("HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
               "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
               status, strlen(words), words);
        return false;
}

/* The request's head, into the buffer; no text if it did not come whole in time. */
static struct text read_head(char *buffer)
{
        int64_t end = clock_monotonic_ms() + PATIENCE_MS;
        size_t size = 0;
        for (int64_t left; (left = end - clock_monotonic_ms()) > 0 && size < REQUEST;) {
                struct pollfd ready = { .fd = STDIN_FILENO, .events = POLLIN };
                ssize_t got = poll(&ready, 1, (int)left) == 1
                                      ? read(STDIN_FILENO, buffer + size, REQUEST - size)
                                      : 0;
                if (got <= 0)
                        break;
                size += (size_t)got;
                if (memmem(buffer, size, "\r\n\r\n", 4) || memmem(buffer, size, "\n\n", 2))
                        return (struct text){ buffer, size };
        }
        return (struct text){ 0 };
}

bool http_wants_metrics(void)
{
        char buffer[REQUEST];
        struct text rest = read_head(buffer);
        if (!rest.at)
                return refuse("400 Bad Request", "no request came\n");
        rest = text_trim(text_cut(&rest, '\n'));
        struct text method = text_cut(&rest, ' '), target = text_cut(&rest, ' ');
        struct text path = text_cut(&target, '?');
        if (!rest.at || !text_starts(rest, TEXT("HTTP/1.")))
                return refuse("400 Bad Request", "this is no HTTP/1 request\n");
        if (!text_equal(method, TEXT("GET")))
                return refuse("405 Method Not Allowed\r\nAllow: GET", "GET alone\n");
        if (!text_equal(path, TEXT("/metrics")))
                return refuse("404 Not Found", "the metrics are at /metrics\n");
        return true;
}

void http_answer(struct text page)
{
        printf("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
               "Content-Length: %zu\r\nConnection: close\r\n\r\n",
               page.size);
        fwrite(page.at, 1, page.size, stdout);
}
