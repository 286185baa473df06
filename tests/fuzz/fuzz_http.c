/*
 * http: what a browser sends, whole and as bytes, through libmicrohttpd and the pages of the web
 * face: all that reads paths, links, queries, cookies, headers and forms. The store is one that
 * obliges (http_store.h), chosen by the header "Store". Each request is answered; what is handed on
 * is UTF-8 and bounded, every page bears its headers, and no mark-up of a request or of the store is
 * in it.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/http_store.h"
#include "workers/web/kept.h"
#include "workers/web/print.h"
#include "workers/web/route.h"
#include "workers/web/submission.h"
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct web web;
static unsigned handled; /* requests of this input */

/* What holds of any text from outside. */
static void check(struct text text)
{
        require(!text.at || (text_is_utf8(text) && text.size <= HTTP_BODY_MOST));
}

/* Looks at what any page may look at, and runs the page. */
static void handle(void *context, struct request *request)
{
        handled++;
        check(request_header(request, "Accept-Language"));
        check(request_cookie(request, "session"));
        check(request_query(request, "to"));
        if (request_fault(request) == 0) {
                check(request_path(request));
                check(request_field(request, "words"));
        }
        route_request(context, request);
}

/* A port that is free. */
static struct sockaddr_in find_address(void)
{
        struct sockaddr_in address = { .sin_family = AF_INET };
        socklen_t size = sizeof address;
        int probe = socket(AF_INET, SOCK_STREAM, 0);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        require(bind(probe, (struct sockaddr *)&address, size) == 0);
        require(getsockname(probe, (struct sockaddr *)&address, &size) == 0);
        close(probe);
        return address;
}

/* A clock that stands still. */
static struct clock *find_clock(void)
{
        char directory[] = "/tmp/fuzz.XXXXXX", path[40];
        require(mkdtemp(directory) && clock_simulate(directory, STORE_NOW));
        struct clock *clock = clock_open(directory);
        snprintf(path, sizeof path, "%s/clock", directory);
        require(clock && unlink(path) == 0 && rmdir(directory) == 0);
        return clock;
}

/* A web face with the settings' defaults, whose keys are all zero. */
static void open_web(int port)
{
        static const unsigned char key[INSTANCE_KEY_SIZE];
        struct arena *arena = arena_new(); /* lives as long as the web face: to the end */
        struct conf *conf = &web.service.conf;
        require(conf_load(conf, NULL, arena));
        conf->web_listen = arena_printf(arena, "127.0.0.1:%d", port).at;
        conf->web_files = SOURCE_DIRECTORY "/workers/web/static";
        conf->web_connections = 64;
        web.service.arena = arena;
        web.service.clock = find_clock();
        web.link_key = key;
        web.files = files_new(conf->web_files);
        web.db = db_new("", NULL, NULL, 1);
        web.tx = tx_new(web.db, "web");
        web.submissions = submissions_new(&web, 1);
        web.kept = kept_new(1 << 20);
        web.printer = printer_new(&web);
        web.http = http_new(conf, handle, &web);
        require(web.files && web.http);
}

/* One for all inputs, which knows nothing of those before. */
static struct sockaddr_in find_web(void)
{
        static struct sockaddr_in address;
        if (!web.http) {
                address = find_address();
                open_web(ntohs(address.sin_port));
        }
        web.sign_ins = web.entrances = (struct limit){ 0 };
        handled = 0;
        return address;
}

/* What stands in the header "Store" of the first request that has one. */
static struct text find_choices(struct text input)
{
        static const struct text name = { "\nStore: ", 8 };
        const char *at = input.size ? memmem(input.at, input.size, name.at, name.size) : NULL;
        if (!at)
                return (struct text){ 0 };
        struct text rest = { at + name.size, input.size - (size_t)(at - input.at) - name.size };
        return text_cut(&rest, '\r');
}

static bool has(struct text whole, const char *part)
{
        return memmem(whole.at, whole.size, part, strlen(part)) != NULL;
}

/* What holds of all that was answered. libmicrohttpd's own refusals are no pages of ours. */
static void check_answer(struct text answer)
{
        require(answer.size > 0 || handled == 0);
        require(answer.size == 0 || text_starts(answer, TEXT("HTTP/1.1 ")));
        if (!has(answer, "Content-Type: text/html; charset=utf-8"))
                return;
        require(has(answer, "Content-Security-Policy: default-src 'none'; "));
        require(has(answer, "Cache-Control: no-store"));
        require(!has(answer, STORE_MARK));
}

/* Turns as the program does until the other side hangs up; what it said. */
static struct text talk(int fd)
{
        static char answer[1 << 20];
        size_t size = 0;
        for (int turn = 0; turn < 1000; turn++) {
                struct pollfd mine = { .fd = fd, .events = POLLIN };
                http_turn(web.http);
                submissions_turn(web.submissions);
                printer_turn(web.printer);
                if (poll(&mine, 1, 0) <= 0)
                        continue;
                const ssize_t got = recv(fd, answer + size, sizeof answer - size, 0);
                if (got <= 0)
                        break; /* it has hung up */
                size += (size_t)got;
                require(size < sizeof answer);
        }
        return (struct text){ answer, size };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct sockaddr_in where = find_web();
        const struct linger none = { .l_onoff = 1 }; /* no port waits after the end */
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        require(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none) == 0);
        require(fd >= 0 && connect(fd, (const struct sockaddr *)&where, sizeof where) == 0);
        store_choose(find_choices((struct text){ (const char *)data, size }));
        require(send(fd, data, size, MSG_NOSIGNAL) == (ssize_t)size || size == 0);
        shutdown(fd, SHUT_WR);
        check_answer(talk(fd));
        close(fd);
        http_turn(web.http); /* it sees that we have gone */
        http_turn(web.http);
        return 0;
}
