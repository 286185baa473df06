/*
 * bench_web PORT CONNECTIONS RATE BODY <PATHS: posts BODY once to each path of standard input, over
 * that many connections that stay open, as fast as they are answered (RATE 0) or at so many a
 * second, whether answered or not: then a request's time counts from when it was due. Prints
 * {sent, accepted, seconds, p50_us, p99_us, max_us}; accepted are those answered with 303.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { PATHS_MOST = 200000, PATH = 64, ANSWER = 4096 };

static char paths[PATHS_MOST][PATH];
static int64_t times[PATHS_MOST];
static size_t path_count, next_path, done, accepted;

struct connection {
        int fd;
        const char *path; /* that is asked for; NULL: it is idle */
        int64_t due;
        size_t got;
        char answer[ANSWER];
};

static int64_t now_us(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static _Noreturn void fail(const char *what)
{
        fprintf(stderr, "bench_web: %s: %s\n", what, strerror(errno));
        exit(1);
}

static void dial(struct connection *c, int epoll, int port)
{
        const int on = 1;
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0)
                fail("connect");
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
                fail("epoll_ctl");
}

static void post(struct connection *c, const char *body)
{
        char request[4096];
        int size = snprintf(request, sizeof request,
                            "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                            "application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
                            c->path, strlen(body), body);
        c->got = 0;
        if (size >= (int)sizeof request || write(c->fd, request, (size_t)size) != size)
                fail("write");
}

/* The server hangs up on who was idle for a while; as a browser does, we dial again, and ask again
 * what it had not begun to answer. */
static void redial(struct connection *c, int epoll, int port, const char *body)
{
        close(c->fd);
        dial(c, epoll, port);
        if (c->path)
                post(c, body);
}

/* Reads an answer; true when it is whole (ours have a length). */
static bool take(struct connection *c, int epoll, int port, const char *body)
{
        ssize_t n = read(c->fd, c->answer + c->got, ANSWER - 1 - c->got);
        if (n <= 0 && c->got == 0) {
                redial(c, epoll, port, body);
                return false;
        }
        if (n <= 0)
                fail("read");
        c->got += (size_t)n;
        c->answer[c->got] = '\0';
        const char *end = strstr(c->answer, "\r\n\r\n");
        const char *length = strstr(c->answer, "Content-Length: ");
        if (!end || !length)
                return false;
        const size_t whole = (size_t)(end + 4 - c->answer) + strtoul(length + 16, NULL, 10);
        return c->got >= whole || c->got == ANSWER - 1;
}

static int by_time(const void *a, const void *b)
{
        const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
        return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
        if (argc != 5)
                return 64;
        const size_t count = strtoul(argv[2], NULL, 10);
        const int64_t rate = strtol(argv[3], NULL, 10);
        const int port = (int)strtol(argv[1], NULL, 10);
        int epoll = epoll_create1(EPOLL_CLOEXEC);
        struct connection *all = calloc(count, sizeof *all);
        while (path_count < PATHS_MOST && scanf("%63s", paths[path_count]) == 1)
                path_count++;
        for (size_t i = 0; i < count; i++)
                dial(&all[i], epoll, port);
        const int64_t began = now_us();
        while (done < path_count) {
                struct epoll_event events[64];
                for (size_t i = 0; i < count && next_path < path_count; i++) {
                        const int64_t due =
                                rate ? began + (int64_t)next_path * 1000000 / rate : now_us();
                        if (due > now_us())
                                break;
                        if (all[i].path)
                                continue;
                        all[i].path = paths[next_path++];
                        all[i].due = due;
                        post(&all[i], argv[4]);
                }
                int ready = epoll_wait(epoll, events, 64, rate ? 1 : 1000);
                for (int i = 0; i < ready; i++) {
                        struct connection *c = events[i].data.ptr;
                        if (!take(c, epoll, port, argv[4]))
                                continue;
                        times[done++] = now_us() - c->due;
                        accepted += strncmp(c->answer, "HTTP/1.1 303", 12) == 0;
                        c->path = NULL;
                        c->got = 0;
                }
        }
        const double seconds = (double)(now_us() - began) / 1e6;
        qsort(times, done, sizeof *times, by_time);
        printf("{\"sent\": %zu, \"accepted\": %zu, \"seconds\": %.3f, \"p50_us\": %lld, "
               "\"p99_us\": "
               "%lld, \"max_us\": %lld}\n",
               done, accepted, seconds, (long long)times[done / 2],
               (long long)times[done * 99 / 100], (long long)times[done - 1]);
        return 0;
}
